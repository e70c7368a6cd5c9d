import format from "quick-format-unescaped";

/** An argument that is JSON text already. */
interface JsonText {
  readonly json: string;
}

/** A printf message put together as pino does it, by the same library. Texts of objects were made by the caller. */
export function templateText(template: string, args: unknown[]): string {
  return format(template, args, { stringify: textOf });
}

function textOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return (value as JsonText).json;
  return JSON.stringify(value) ?? "undefined";
}
