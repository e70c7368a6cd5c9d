/** Options of a logger and of its children. Functions among them are made anew each time, so no two loggers share state. */
import { stdSerializers, stdTimeFunctions } from "pino";
import type { Choices } from "./choices.ts";
import { Surroundings } from "./surroundings.ts";
import { drawPlainKey, drawText } from "./texts.ts";
import { drawFields, drawValue } from "./values.ts";

/** What `createLogger` and `pino` both take. */
export type Options = Record<string, unknown>;

/** Levels that a script may call, and the options that make them. */
export interface Setup {
  readonly options: Options;
  readonly levels: readonly string[];
  readonly hasHook: boolean;
}

const STANDARD_LEVELS = ["info", "error", "warn", "fatal", "debug", "trace"] as const;

/** Turns the arguments of a call into those that one side is to be called with. */
export type AsCalled = (args: unknown[]) => unknown[];

export function drawSetup(choices: Choices, asCalled: AsCalled = (args) => args): Setup {
  Surroundings.isShared = false;
  const options: Options = {};
  const levels = drawLevels(choices, options);
  const some = (percent: number, name: string, draw: () => unknown): void => {
    if (choices.chance(percent)) options[name] = draw();
  };
  some(35, "name", () => choices.pick(["shop", "größe", 'with"quote', ""]));
  some(35, "base", () => drawBase(choices));
  some(20, "messageKey", () => choices.pick(["message", "text", "a", "@m", "event.original", "сообщение"]));
  some(20, "errorKey", () => choices.pick(["error", "e", "exception", "a"]));
  some(15, "nestedKey", () => choices.pick(["payload", 'with"quote', "größe", "msg"]));
  some(12, "crlf", () => true);
  some(20, "msgPrefix", () => drawPrefix(choices));
  some(12, "depthLimit", () => 1 + choices.below(8));
  some(12, "edgeLimit", () => 1 + choices.below(6));
  some(30, "timestamp", () => drawTimestamp(choices));
  some(25, "serializers", () => drawSerializers(choices));
  some(20, "mixin", () => drawMixin(choices));
  some(20, "redact", () => drawRedact(choices));
  some(20, "formatters", () => drawFormatters(choices));
  some(8, "hooks", () => ({ logMethod: drawHook(choices, asCalled) }));
  return { options, levels, hasHook: "hooks" in options };
}

function drawLevels(choices: Choices, options: Options): string[] {
  const levels: string[] = [...STANDARD_LEVELS];
  if (choices.chance(15)) {
    const custom: Record<string, number> = choices.pick<Record<string, number>>([
      { notice: 35 },
      { audit: 70, detail: 15 },
      { important: 45 },
      { first: 1, last: 1000 },
    ]);
    options["customLevels"] = custom;
    if (choices.chance(25)) {
      options["useOnlyCustomLevels"] = true;
      options["level"] = Object.keys(custom)[0];
      return Object.keys(custom);
    }
    levels.push(...Object.keys(custom));
  }
  // Most calls are to produce a line.
  options["level"] = choices.chance(30) ? choices.pick(["info", "debug", "warn", "silent"]) : "trace";
  return levels;
}

function drawBase(choices: Choices): unknown {
  return choices.pick<unknown>([
    null,
    {},
    undefined,
    { service: "shop", pid: 1 },
    { pid: process.pid, deep: { a: [1, { b: null }] } },
    { "": 0, 'quo"te': "x" },
    { name: "from base", level: "skipped", when: new Date(0) },
    { secret: "s", a: { b: "c" } },
  ]);
}

export function drawPrefix(choices: Choices): string {
  return choices.pick(["[http] ", "", 'a "quoted" one: ', "%s ", "100% ", "ü\n", "\ud83d", "{}"]);
}

function drawTimestamp(choices: Choices): unknown {
  return choices.pick<unknown>([
    true,
    false,
    stdTimeFunctions.isoTime,
    stdTimeFunctions.unixTime,
    stdTimeFunctions.nullTime,
    () => ',"time":1700000000000',
    () => ',"ts":"2023-11-14T22:13:20.000Z"',
    () => ',"time":"größe"',
  ]);
}

type Serializer = (value: unknown) => unknown;

const SERIALIZERS: readonly (() => Serializer)[] = [
  () => (value) => ({ wrapped: typeof value }),
  () => (value) => `text of ${typeof value}`,
  () => () => undefined,
  () => () => Number.NaN,
  () => (value) => value,
  () => () => () => "a function",
  () => () => [1, { two: 2n }],
  () => stdSerializers.err as Serializer,
  () => {
    let calls = 0;
    return () => ++calls;
  },
  () => (value) => {
    if (typeof value === "string") throw new Error("serializer fails");
    return value;
  },
];

export function drawSerializers(choices: Choices): Record<string, Serializer> {
  const serializers: Record<string, Serializer> = {};
  for (let n = 1 + choices.below(3); n > 0; n--) {
    serializers[choices.chance(25) ? choices.pick(["err", "msg", "error", "req", "pid"]) : drawPlainKey(choices)] =
      choices.pick(SERIALIZERS)();
  }
  return serializers;
}

function drawMixin(choices: Choices): unknown {
  const fixed = drawFields(choices);
  let calls = 0;
  // The caller's own object, which pino writes into: what one call put there the next one finds.
  const own = (): object => fixed;
  const mixin = choices.pick<unknown>([
    () => ({ mixed: "in" }),
    () => ({ call: ++calls }),
    (_object: unknown, level: number) => ({ a: level }),
    (object: object) => ({ keys: Object.keys(object).length }),
    own,
    () => ({}),
  ]);
  Surroundings.isShared = mixin === own;
  return mixin;
}

const PATHS = [
  "a",
  "b.c",
  "secret",
  "password",
  "user.secret",
  "*.secret",
  "a.*",
  "req.headers.authorization",
  "a[0]",
  "a[*].b",
  "*",
  "*.*.c",
  'a["with space"]',
  "msg",
  "err.message",
  "payload.a",
  "headers",
  "*.password",
  "id",
  "a.b.c",
] as const;

export function drawRedact(choices: Choices): unknown {
  const paths: string[] = [];
  for (let n = 1 + choices.below(3); n > 0; n--) paths.push(choices.pick(PATHS));
  switch (choices.below(6)) {
    case 0:
    case 1:
      return paths;
    case 2:
      return { paths, censor: choices.pick<unknown>(["***", "", 0, null, { not: "text" }]) };
    case 3:
      return { paths, remove: true };
    case 4:
      return {
        paths,
        censor: (value: unknown, path: readonly unknown[]) => `${typeof value} at ${path.map(pathStep).join(".")}`,
      };
    default:
      return { paths: [...paths, ...paths] };
  }
}

/** See censor-is-told-a-star in the deliberate differences. */
function pathStep(step: unknown): string {
  return typeof step === "symbol" ? "*" : String(step);
}

function drawFormatters(choices: Choices): Options {
  const formatters: Options = {};
  if (choices.chance(50)) {
    formatters["level"] = choices.pick<unknown>([
      (label: string) => ({ level: label }),
      (label: string, number: number) => ({ severity: label.toUpperCase(), number }),
      (_label: string, number: number) => ({ level: number, 'quo"te': "ü" }),
    ]);
  }
  if (choices.chance(50)) {
    formatters["bindings"] = choices.pick<unknown>([
      (bindings: object) => ({ ...bindings, formatted: true }),
      () => ({}),
      (bindings: Options) => ({ host: bindings?.["hostname"] }),
    ]);
  }
  if (choices.chance(50)) {
    const added = drawValue(choices);
    formatters["log"] = choices.pick<unknown>([
      (object: object) => ({ ...object, added }),
      (object: object) => ({ fields: object }),
      (object: object) => object,
      () => ({}),
    ]);
  }
  return formatters;
}

type Method = (this: unknown, ...args: unknown[]) => void;

/** A hook stands between the call and the logger: what it hands on is the call, and `asCalled` the way to make it. */
function drawHook(choices: Choices, asCalled: AsCalled): unknown {
  const text = drawText(choices);
  return choices.pick<unknown>([
    function handOn(this: unknown, args: unknown[], method: Method) {
      method.apply(this, asCalled(args));
    },
    // From pino's documentation: the message first, the object second.
    function swap(this: unknown, args: unknown[], method: Method) {
      method.apply(this, asCalled(args.length >= 2 ? [args[1], args[0], ...args.slice(2)] : args));
    },
    function add(this: unknown, args: unknown[], method: Method, level: number) {
      if (level >= 30) method.apply(this, asCalled([{ level, hooked: true }, text, ...args]));
    },
    function twice(this: unknown, args: unknown[], method: Method) {
      method.apply(this, asCalled(args));
      method.apply(this, ["again"]);
    },
  ]);
}
