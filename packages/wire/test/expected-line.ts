/** The line a record must become, made the slow way: by JSON.stringify, and pino's way with strings. */
import { type Call, type Fields, TIME } from "./wire-under-test.ts";

/**
 * pino hands strings of more than 100 characters, and those with control characters, to JSON.stringify; in others it
 * leaves lone surrogates as they are, and UTF-8 makes U+FFFD of them.
 */
function stringOfPino(text: string): string {
  if (text.length > 100 || /[\u0000-\u001f]/.test(text)) return JSON.stringify(text);
  return JSON.stringify(text.toWellFormed());
}

function valueOfPino(value: unknown): string | undefined {
  if (typeof value === "string") return stringOfPino(value);
  if (value === undefined || typeof value === "function") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? `${value === 0 ? 0 : value}` : "null";
  return JSON.stringify(value);
}

function membersOf(fields: Fields): string {
  let text = "";
  for (const key of Object.keys(fields)) {
    const value = valueOfPino(fields[key]);
    if (value !== undefined) text += `,${stringOfPino(key)}:${value}`;
  }
  return text;
}

export function expectedLine({ fields = {}, message, bindings = "" }: Call): string {
  const text = message === undefined ? "" : `,"msg":${stringOfPino(message)}`;
  return `{"level":30,"time":${TIME}${bindings}${membersOf(fields)}${text}}\n`;
}
