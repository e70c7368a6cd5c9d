/** Strings, keys and message templates: the places where escaping, lengths and encodings go wrong. */
import type { Choices } from "./choices.ts";

/** Text that needs care somewhere: in JSON, in UTF-8, in a surrogate pair cut in two. */
const SPECIALS = [
  '"',
  "\\",
  "\n",
  "\u0000",
  "\u001f",
  "\t",
  "\u007f",
  "é",
  "€",
  "\u{1f600}",
  "\ud800",
  "\udc00",
  "\u2028",
  "\u2029",
  "\ufeff",
  "\u0080",
  "\uffff",
  "%",
  "%s",
  "</script>",
  "\r\n",
  "\b\f",
  "'",
] as const;

/** pino escapes a string of up to 100 characters itself and leaves longer ones to JSON.stringify; ours has limits of its own. */
const LENGTHS = [
  0, 1, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 99, 100, 101, 102, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096,
] as const;

const FILL = "the quick brown fox jumps over the lazy dog 0123456789 ";

/** Literals, so that the very same string comes again and again: a logger may remember those. */
const CONSTANTS = [
  "ok",
  "request done",
  "user logged in",
  "",
  "a",
  "cache miss for key",
  "connection closed by peer, trying again",
  "größe",
  "日本語のテキスト",
  'quote " and \\ backslash',
  "line\nbreak",
] as const;

export function drawText(choices: Choices): string {
  if (!choices.chance(70)) return choices.pick(CONSTANTS);
  const length = choices.chance(2) ? 1 + choices.below(20_000) : choices.pick(LENGTHS);
  let text = FILL.repeat(Math.ceil(length / FILL.length)).slice(0, length);
  for (let specials = choices.below(4); specials > 0; specials--) {
    const at = choices.below(text.length + 1);
    const special = choices.pick(SPECIALS);
    // Put in place of what was there, so that the length stays at the limit that is tried.
    text = text.slice(0, at) + special + text.slice(at + special.length);
  }
  return text;
}

const KEYS = [
  "a",
  "b",
  "c",
  "id",
  "user",
  "name",
  "msg",
  "err",
  "error",
  "level",
  "time",
  "pid",
  "hostname",
  "req",
  "res",
  "method",
  "headers",
  "socket",
  "secret",
  "password",
  "payload",
  "message",
  "stack",
  "type",
  "cause",
  "raw",
  "length",
  "0",
  "7",
  "42",
  "-1",
  "1.5",
  "4294967295",
  "",
  " ",
  "with space",
  'with"quote',
  "back\\slash",
  "new\nline",
  "\u0001",
  "größe",
  "日本",
  "\u{1f600}",
  "\ud83d",
  "a.b",
  "a[0]",
  "*",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "serializers",
  "formatters",
  "customLevels",
  "setHeader",
  "undefined",
  "null",
  "v",
] as const;

export function drawKey(choices: Choices): string {
  if (choices.chance(4)) return drawText(choices);
  return choices.pick(KEYS);
}

/** The ordinary keys only, for what a user writes by hand: paths, serializers. */
export function drawPlainKey(choices: Choices): string {
  return KEYS[choices.below(22)] as string;
}

const VERBS = ["%s", "%d", "%i", "%f", "%j", "%o", "%O", "%%", "%", "%x", "%5d", "%c", "% s"] as const;
const BETWEEN = ["", " ", " and ", "=", "100", "ü", "\n", '"', "\ud83d", "%"] as const;

export function drawTemplate(choices: Choices): string {
  let template: string = choices.pick(BETWEEN);
  for (let verbs = 1 + choices.below(4); verbs > 0; verbs--) template += choices.pick(VERBS) + choices.pick(BETWEEN);
  return choices.chance(5) ? template + drawText(choices) : template;
}
