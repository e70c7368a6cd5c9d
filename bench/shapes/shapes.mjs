// The shapes of a log call, as source text of its arguments; `i` counts the calls. Strings and objects are new in
// each call. Short strings stay under 13 characters: longer sums become ropes in V8, and flattening a rope is a
// cost of its own, which `concatenated` shows.

import { megamorphicSites } from "./megamorphic.mjs";

/**
 * @typedef {object} Shape
 * @property {string} name
 * @property {string} [level]      `info` when absent
 * @property {string} [fields]
 * @property {string} [message]
 * @property {string[]} [args]     after the message, for printf
 * @property {object} [bindings]   the calls go to a child logger with these
 * @property {object} [scope]      names the text may use, with their values
 * @property {{ fields?: string, message?: string }[]} [sites]  calls rotate through these instead
 * @property {(from: number, count: number) => unknown[]} [prepare]  made before the clock starts; `prepared[i - from]`
 * @property {boolean} [silent]    logs nothing at level info
 * @property {string[]} keys       that each line must have
 * @property {RegExp} text         that each line's message must match
 */

const FIELDS4 = '{ userId: i, route: "/item/" + (i % 100000), cached: (i & 1) === 0, ms: i * 0.25 }';
const LONG_TEXT = Buffer.from("select id, name, price from items where owner = 17 and price > 100; ".repeat(64));
const LONG_CHARACTERS = 2048;

/** @type {Shape[]} */
const list = [
  { name: "constant", message: '"cache refreshed"', keys: [], text: /^cache refreshed$/ },
  {
    name: "fields4",
    fields: FIELDS4,
    message: '"request completed"',
    keys: ["userId", "route", "cached", "ms"],
    text: /^request completed$/,
  },
  {
    name: "fields12",
    fields: `{ id: i, route: "/item/" + (i % 100000), method: "GET", status: 200, cached: (i & 1) === 0, ms: i * 0.25,
      bytes: i * 7, user: "u" + (i % 100000), region: "eu-west-1", retries: i & 3, parent: null, ratio: i / 3 }`,
    message: '"request completed"',
    keys: ["id", "route", "method", "status", "cached", "ms", "bytes", "user", "region", "retries", "parent", "ratio"],
    text: /^request completed$/,
  },
  {
    name: "nested",
    fields: `{ req: { method: "GET", url: "/item/" + (i % 100000), headers: { host: "example.com", agent: "curl/8" } },
      res: { status: 200, bytes: i * 7 }, tags: ["a", "b" + (i % 100)] }`,
    message: '"request completed"',
    keys: ["req", "res", "tags"],
    text: /^request completed$/,
  },
  {
    name: "concatenated",
    message: '"user " + i + " opened page " + (i % 977) + " in " + (i % 31) + " ms"',
    keys: [],
    text: /^user \d+ opened page \d+ in \d+ ms$/,
  },
  {
    name: "printf",
    message: '"user %s took %d ms"',
    args: ['"u" + (i % 100000)', "i % 1000"],
    keys: [],
    text: /^user u\d+ took \d+ ms$/,
  },
  {
    name: "child",
    fields: "{ attempt: i }",
    message: '"charge sent"',
    bindings: { service: "billing", requestId: "r-8f31c2" },
    keys: ["service", "requestId", "attempt"],
    text: /^charge sent$/,
  },
  {
    name: "unicode",
    fields: '{ city: "Zürich" + (i % 1000), name: "名前" + (i % 1000), mood: "🙂" + (i % 1000) }',
    message: '"订单 " + (i % 100000)',
    keys: ["city", "name", "mood"],
    text: /^订单 \d+$/,
  },
  {
    name: "long",
    // Copied out of a buffer, as a text that came over a socket is: flat, and new in each call.
    message: `text.latin1Slice(i % 512, i % 512 + ${LONG_CHARACTERS})`,
    scope: { text: LONG_TEXT },
    keys: [],
    text: new RegExp(`^.{${LONG_CHARACTERS}}$`),
  },
  {
    name: "error",
    level: "error",
    fields: "{ err: prepared[i - from] }",
    message: '"charge failed"',
    // The stack's text is not: V8 writes it when somebody first reads it, which is the logger.
    prepare: (from, count) => Array.from({ length: count }, (_, index) => charge(from + index)),
    keys: ["err"],
    text: /^charge failed$/,
  },
  {
    name: "disabled",
    level: "debug",
    fields: FIELDS4,
    message: '"request completed"',
    silent: true,
    keys: [],
    text: /^$/,
  },
  {
    name: "megamorphic",
    sites: megamorphicSites(),
    keys: ["site"],
    text: /^what happened at place \d+$/,
  },
];

// A few frames of our own, so that a stack is as deep as a handler's usually is.
const charge = (i) => attempt(i);
const attempt = (i) => send(i);
const send = (i) => refuse(i);
const refuse = (i) => new Error(`card ${i} refused`);

export const shapes = new Map(list.map((shape) => [shape.name, shape]));

/** Whether a parsed line is what the shape logged; `undefined` when it is, else what is wrong. */
export function whatIsWrong(shape, record) {
  const message = record.msg ?? record.message;
  if (!shape.text.test(message)) return `message ${JSON.stringify(message)} does not match ${shape.text}`;
  const missing = shape.keys.filter((key) => !(key in record));
  if (missing.length > 0) return `a line lacks ${missing.join(", ")}`;
  if ("err" in record && !record.err.stack?.includes("refused")) return "an error's line lacks its stack";
  return undefined;
}
