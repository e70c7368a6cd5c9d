/**
 * Where our logger writes something else than pino, on purpose. Everything that is not in this list has to be the
 * same, byte for byte. At most ten entries: a longer list would be another logger.
 */
import { types } from "node:util";

export type DifferenceId = "message-then-fields" | "never-throws" | "child-follows-level" | "lines-are-json";

export interface DeliberateDifference {
  readonly id: DifferenceId;
  readonly reason: string;
  /** How the comparison goes on: pino is called in another way, the step is judged by itself, or it is not drawn. */
  readonly how: "pino is called differently" | "judged alone" | "not drawn";
}

export const DELIBERATE_DIFFERENCES: readonly DeliberateDifference[] = [
  {
    id: "message-then-fields",
    reason: "log.info('text', { fields }): pino drops the fields without a word; here they are logged, as pino does with (fields, 'text')",
    how: "pino is called differently",
  },
  {
    id: "never-throws",
    reason: "a getter, toJSON, serializer or proxy that throws makes pino's log call throw into the program; here the call returns and the rest is logged",
    how: "judged alone",
  },
  {
    id: "child-follows-level",
    reason: "a child without a level of its own follows its parent's; pino fixes it when the child is made",
    how: "not drawn",
  },
  {
    id: "lines-are-json",
    reason: "pino's line is no JSON when the message is a symbol or its serializer answers undefined (\"msg\":undefined); here every line parses",
    how: "judged alone",
  },
];

/** `%` and a letter that consumes an argument, or `%%`. */
const VERB = /%[sdifoOj%]/;

/** The call of pino that our logger's call stands for. */
export function asPinoIsCalled(args: unknown[]): { readonly args: unknown[]; readonly id?: DifferenceId } {
  const [message, fields] = args;
  if (args.length === 2 && typeof message === "string" && !VERB.test(message) && isFields(fields)) {
    return { args: [fields, message], id: "message-then-fields" };
  }
  return { args };
}

/** A plain object or an Error: not an array, a Map or an instance of a class. */
function isFields(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (types.isProxy(value)) return false;
  if (value instanceof Error) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
