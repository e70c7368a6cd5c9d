/** The harness itself: pino against pino has no differences, and every planted difference is found and made small. */
import pino from "pino";
import { expect, test } from "vitest";
import { campaignSeed, runCampaign } from "./campaign.ts";
import { Choices } from "./choices.ts";
import { compare, pairLines } from "./compare.ts";
import { type DifferenceId, isAccepted } from "./deliberate-differences.ts";
import { pinoSide, type Side } from "./sides.ts";

const TIME = { timeout: 120_000 };

test("harness: pino against pino has no differences", TIME, async () => {
  const result = await runCampaign(pinoSide(), { seed: campaignSeed(), lines: 4000 });
  expect(result.failures).toEqual([]);
  expect(result.lines).toBeGreaterThanOrEqual(4000);
  // What is treated in a way of its own is met, so that it is tried.
  expect(result.deliberate.get("message-then-fields")).toBeGreaterThan(50);
  expect(result.deliberate.get("never-throws")).toBeGreaterThan(10);
});

/** Each is pino with one thing wrong with it, mostly mistakes that a faster logger could make. */
const PLANTED: Record<string, Side> = {
  "one byte of one line in a thousand": pinoSide({
    line: (line, index) => [index % 1000 === 77 ? line.replace(/.(?=\}\r?\n$)/, "~") : line],
  }),
  "a line is lost": pinoSide({ line: (line, index) => (index % 200 === 50 ? [] : [line]) }),
  "a line comes twice": pinoSide({ line: (line, index) => (index % 200 === 50 ? [line, line] : [line]) }),
  "two lines change places": swapping(),
  "a line whose message is left out is lost": bare((_, next) => (next === undefined ? [] : [next])),
  "a line whose message is left out comes twice": bare((line) => [line, line]),
  "a line whose message is left out comes late": bare((line, next) => (next === undefined ? [] : [next, line])),
  "the last byte is missing": pinoSide({ line: (line, index) => [index % 200 === 50 ? line.slice(0, -1) : line] }),
  "a field named b is dropped": pinoSide({
    logger: (logger) =>
      wrap(logger, "asJsonSym", (asJson, object, ...rest) => asJson(withoutKey(object, "b"), ...rest)),
  }),
  "strings of 101 characters are escaped by hand": pinoSide({ line: (line) => [line.replace(/\\ud83d/g, "\ufffd")] }),
  "control characters are written in upper case": pinoSide({ line: (line) => [line.replace(/\\u001f/g, "\\u001F")] }),
  "minus zero keeps its sign": pinoSide({
    logger: (logger) =>
      wrap(logger, "asJsonSym", (asJson, object, ...rest) =>
        asJson(
          mapTop(object, (value) => (Object.is(value, -0) ? "-0" : value)),
          ...rest,
        ),
      ),
  }),
  "a getter is read twice": pinoSide({
    logger: (logger) =>
      wrap(logger, "asJsonSym", (asJson, object, ...rest) => {
        JSON.stringify(mapTop(object, (value) => (typeof value === "object" ? undefined : value)));
        return asJson(object, ...rest);
      }),
  }),
  "keys are remembered by their number": remembering(),
  "the depth limit is one off": pinoSide({
    options: (options) => ({ ...options, depthLimit: Number(options["depthLimit"] ?? 5) + 1 }),
  }),
  "the edge limit is one off": pinoSide({
    options: (options) => ({ ...options, edgeLimit: Number(options["edgeLimit"] ?? 100) + 1 }),
  }),
  "the error key is always err": pinoSide({ options: ({ errorKey: _, ...options }) => options }),
  "the nested key is forgotten": pinoSide({ options: ({ nestedKey: _, ...options }) => options }),
  "lines end in a newline only": pinoSide({ options: ({ crlf: _, ...options }) => options }),
  "the mixin is not asked": pinoSide({ options: ({ mixin: _, ...options }) => options }),
  "a child's bindings replace its parent's": pinoSide({
    line: (line) => [line.replace(/("request":\d+.*)("request":\d+)/, "$2")],
  }),
};

/** pino without the messages that are no JSON, as ours is; what becomes of such a line, and of the one behind it, is told. */
function bare(change: (line: string, next: string | undefined) => string[]): Side {
  let waiting: string | undefined;
  const side = pinoSide({
    line(line, index) {
      const json = line.replace(/,"[^"]*":undefined(?=\}\r?\n$)/, "");
      const before = index === 0 ? undefined : waiting;
      waiting = undefined;
      if (before !== undefined) return change(before, json);
      if (json === line) return [line];
      const now = change(json, undefined);
      if (now.length === 0) waiting = json;
      return now;
    },
  });
  return { ...side, makes: new Set<DifferenceId>(["lines-are-json"]) };
}

test("harness: a line whose message is left out is no difference", TIME, async () => {
  const result = await runCampaign(
    bare((line) => [line]),
    { seed: campaignSeed(), lines: 10_000 },
  );
  expect(result.failures).toEqual([]);
  expect(result.deliberate.get("lines-are-json")).toBeGreaterThan(50);
});

test.each(Object.entries(PLANTED))("harness: finds that %s", TIME, async (_, side) => {
  const { failures } = await runCampaign(side, {
    seed: campaignSeed(),
    lines: 20_000,
    mostFailures: 1,
    shrinkTries: 150,
    shrinkMs: 4000,
  });
  expect(failures).toHaveLength(1);
  expect(failures[0]).toContain("SPILLWAY_SEED=");
});

/** A symbol as the message: pino's line has `undefined` there, ours no message, and so looks like the next one. */
const NO_MESSAGE = '{"level":30,"msg":undefined}\n';
const PLAIN = '{"level":30}\n';
const LAST = '{"level":30,"msg":"last"}\n';
const EXPECTED = { lines: [NO_MESSAGE, PLAIN, LAST], stepOf: [0, 2, 3] };

test.each([
  ["the same lines", [PLAIN, PLAIN, LAST], [0, 2, 3], []],
  ["one that the logger did not count", [PLAIN, LAST], [0, 3], ["no line in step 2"]],
  ["the first one not counted", [PLAIN, LAST], [2, 3], ["no line in step 0"]],
  ["one counted twice", [PLAIN, PLAIN, PLAIN, LAST], [0, 0, 2, 3], ["a line too many in step 0"]],
  ["two in the other order", [PLAIN, LAST, PLAIN], [0, 2, 3], ["another line in step 2", "another line in step 3"]],
  ["one lost on the way", [PLAIN, LAST], undefined, ["no line in step 2"]],
  ["one doubled on the way", [PLAIN, PLAIN, PLAIN, LAST], undefined, ["a line too many in step 3"]],
  ["one doubled and one lost", [PLAIN, LAST, LAST], [0, 2, 3], ["another line in step 2"]],
  ["one lost that was never there", [PLAIN, PLAIN, LAST], undefined, ["no line in step 3"]],
])("harness: lines are paired: %s", (_, lines, stepOf, found) => {
  const pairs = pairLines(EXPECTED, stepOf === undefined ? { lines } : { lines, stepOf });
  const told = pairs.flatMap(({ step, wanted, got }) => {
    if (wanted === undefined) return [`a line too many in step ${step}`];
    if (got === undefined) return [`no line in step ${step}`];
    return got === wanted || isAccepted(wanted, got) !== undefined ? [] : [`another line in step ${step}`];
  });
  expect(told).toEqual(found);
});

test("harness: makes a failing script as small as the one call that matters", TIME, async () => {
  const side = pinoSide({ line: (line) => [line.replace('"secret":', '"secrets":')] });
  const { failures } = await runCampaign(side, { seed: campaignSeed(), lines: 20_000, mostFailures: 1 });
  const steps = failures[0]?.split("\n").filter((line) => /^ {2}(const )?log\d/.test(line)) ?? [];
  // One line makes the logger; one, or a child and a call, writes the key.
  expect(steps.length).toBeLessThanOrEqual(3);
});

test.each([
  ["throws where it promised not to", "never-throws", "the call threw"],
  ["drops the fields behind a message", "message-then-fields", "another line"],
] as const)("harness: finds a logger that %s", TIME, async (_, id, what) => {
  const side: Side = { ...pinoSide(), makes: new Set<DifferenceId>([id]) };
  const { failures } = await runCampaign(side, { seed: campaignSeed(), lines: 5000, mostFailures: 1, shrinkTries: 50 });
  expect(failures[0]).toContain(what);
});

test("harness: the same seed makes the same case, another seed another", async () => {
  const scripts = await Promise.all([1, 1, 2].map((seed) => compare({ seed, length: 20 }, pinoSide())));
  expect(scripts[0]?.script).toEqual(scripts[1]?.script);
  expect(scripts[0]?.script).not.toEqual(scripts[2]?.script);
});

test("choices: a list played again makes the same decisions, and goes on with zeros", () => {
  const first = Choices.fromSeed(7);
  const drawn = [first.below(10), first.below(1000), Number(first.chance(50))];
  const again = Choices.replay(first.taken);
  expect([again.below(10), again.below(1000), Number(again.chance(50))]).toEqual(drawn);
  expect([again.below(5), again.chance(99), again.pick(["simplest", "other"])]).toEqual([0, false, "simplest"]);
});

type AsJson = (object: unknown, ...rest: unknown[]) => string;

/** Puts a step in front of what makes pino's lines. */
function wrap(
  logger: pino.Logger,
  name: "asJsonSym",
  step: (asJson: AsJson, object: unknown, ...rest: unknown[]) => string,
): void {
  const symbols = pino.symbols as unknown as Record<string, symbol>;
  const inner = logger as unknown as Record<symbol, AsJson>;
  const symbol = symbols[name] as symbol;
  const original = inner[symbol] as AsJson;
  inner[symbol] = function (this: unknown, object: unknown, ...rest: unknown[]) {
    return step((...args) => original.apply(this, args as Parameters<AsJson>), object, ...rest);
  };
}

function withoutKey(object: unknown, key: string): unknown {
  if (typeof object !== "object" || object === null || !Object.hasOwn(object, key)) return object;
  const copy = Object.create(
    Object.getPrototypeOf(object) as object,
    Object.getOwnPropertyDescriptors(object),
  ) as Record<string, unknown>;
  delete copy[key];
  return copy;
}

function mapTop(object: unknown, change: (value: unknown) => unknown): unknown {
  if (typeof object !== "object" || object === null) return object;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    Object.defineProperty(copy, key, { value: change((object as Record<string, unknown>)[key]), enumerable: true });
  }
  return copy;
}

function swapping(): Side {
  let waiting: string | undefined;
  return pinoSide({
    line(line, index) {
      if (index === 0) waiting = undefined;
      if (index % 100 === 50) {
        waiting = line;
        return [];
      }
      const lines = waiting === undefined ? [line] : [line, waiting];
      waiting = undefined;
      return lines;
    },
  });
}

/** Takes objects with equally many keys for the same shape: what a careless cache of shapes would do. */
function remembering(): Side {
  const shapes = new Map<number, string[]>();
  return pinoSide({
    logger: (logger) =>
      wrap(logger, "asJsonSym", (asJson, object, ...rest) => {
        if (typeof object !== "object" || object === null || Array.isArray(object)) return asJson(object, ...rest);
        const keys = Object.keys(object);
        const known = shapes.get(keys.length);
        if (known === undefined) shapes.set(keys.length, keys);
        const values = keys.map((key, at) => [known?.[at] ?? key, (object as Record<string, unknown>)[key]] as const);
        return asJson(Object.fromEntries(values), ...rest);
      }),
  });
}
