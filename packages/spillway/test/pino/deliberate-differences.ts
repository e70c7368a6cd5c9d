/**
 * Where our logger writes something else than pino, on purpose. Everything that is not in this list has to be the
 * same, byte for byte. At most ten entries: a longer list would be another logger.
 */
export type DifferenceId =
  | "message-then-fields"
  | "never-throws"
  | "lines-are-json"
  | "censor-is-told-a-star"
  | "redacting-child-keeps-values"
  | "getters-in-cycles"
  | "a-level-given-is-kept";

export interface DeliberateDifference {
  readonly id: DifferenceId;
  readonly reason: string;
  /** How the comparison goes on: pino is called in another way, our line is judged without pino's, or the values drawn hide it. */
  readonly how: "pino is called differently" | "judged alone" | "hidden";
}

export const DELIBERATE_DIFFERENCES: readonly DeliberateDifference[] = [
  {
    id: "message-then-fields",
    reason:
      "log.info('text', { fields }): pino drops the fields without a word; here they are logged, as pino does with (fields, 'text')",
    how: "pino is called differently",
  },
  {
    id: "never-throws",
    reason:
      "a getter, toJSON, serializer or proxy that throws makes pino's log call throw into the program; here the call returns and the rest is logged",
    how: "judged alone",
  },
  {
    id: "lines-are-json",
    reason:
      'pino\'s line is no JSON when the message is a symbol or its serializer answers undefined ("msg":undefined), or when a typed array beside a BigInt or a cycle holds NaN; here the message is left out, NaN is null, and every line parses',
    how: "judged alone",
  },
  {
    id: "censor-is-told-a-star",
    reason:
      'a censor function is told the path of the value: where the path begins with *, that is "*" here and a symbol of pino\'s own there',
    how: "hidden",
  },
  {
    id: "redacting-child-keeps-values",
    reason:
      'a child with redact options of its own: pino writes "[unable to serialize, ...]" for a value with a BigInt or a cycle in it; here it is written, and redacted, as any other',
    how: "judged alone",
  },
  {
    id: "getters-in-cycles",
    reason:
      "how often a getter is read while a cycle is being found, or one that is called toJSON, is nobody's business; everywhere else the number of reads is compared",
    how: "hidden",
  },
  {
    id: "a-level-given-is-kept",
    reason:
      "child(bindings, { level }) with the parent's own level: pino takes it for none, and the child follows its parent; here it was given, and stays",
    how: "hidden",
  },
];

/** Inside of a message its quotes are escaped, so they are not part of it. */
const UNABLE = "[unable to serialize, circular reference is too complex to analyze]";

/** Whether our line may stand although it is not pino's, and by which entry. */
export function isAccepted(expected: string, actual: string): DifferenceId | undefined {
  const wanted = parsed(expected) === undefined ? asJson(expected) : expected;
  if (wanted === actual) return "lines-are-json";
  const theirs = parsed(wanted);
  const ours = parsed(actual);
  if (theirs === undefined || ours === undefined) return undefined;
  const sameKeys = Object.keys(theirs).join() === Object.keys(ours).join();
  return timesUnable(wanted) > timesUnable(actual) && sameKeys ? "redacting-child-keeps-values" : undefined;
}

/** What pino writes for a message that has no JSON: ours has none then. */
const UNDEFINED_MESSAGE = /,"[^"\\]*(?:\\.[^"\\]*)*":undefined(?=\}\r?\n$)/;
/** The NaN of a typed array beside a cycle; a text is met first, so that nothing is found inside of it. */
const TEXT_OR_NO_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|NaN|-?Infinity/g;

/** pino's line, made JSON as ours is. */
function asJson(line: string): string {
  const parts = line.replace(UNDEFINED_MESSAGE, "");
  return parts.replace(TEXT_OR_NO_NUMBER, (part) => (part.startsWith('"') ? part : "null"));
}

function timesUnable(line: string): number {
  return line.split(UNABLE).length - 1;
}

/** The same for what a logger says of its bindings. */
export function isAcceptedAnswer(expected: string): boolean {
  return expected.includes(UNABLE);
}

function parsed(line: string): object | undefined {
  try {
    return JSON.parse(line) as object;
  } catch {
    return undefined;
  }
}

/** A verb that takes an argument. `%%` takes none, and hides the letter behind it. */
const VERB = /(?<!%)(?:%%)*%[sdifoOj]/;

/** The call of pino that our logger's call stands for. */
export function asPinoIsCalled(args: unknown[]): { readonly args: unknown[]; readonly id?: DifferenceId } {
  const [message, fields] = args;
  if (args.length === 2 && typeof message === "string" && !VERB.test(message) && isFields(fields)) {
    return { args: [fields, message], id: "message-then-fields" };
  }
  return { args };
}

/** How the call is made on a side that makes these differences; on any other, the call that it stands for. */
export function argumentsFor(makes: ReadonlySet<DifferenceId>, args: unknown[]): unknown[] {
  return makes.has("message-then-fields") ? args : asPinoIsCalled(args).args;
}

/** A plain object or an Error: not an array, a Map or an instance of a class. */
function isFields(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    if (value instanceof Error) return true;
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
  } catch {
    // A proxy that says nothing about itself.
    return false;
  }
}
