/** Each deliberate difference, on its own: what pino does, and what our logger does instead. */
import { expect, test } from "vitest";
import { asPinoIsCalled, DELIBERATE_DIFFERENCES, isAccepted } from "./deliberate-differences.ts";
import { type FuzzLogger, pinoSide, type Side, spillwaySide } from "./sides.ts";

type Log = FuzzLogger & Record<"info" | "debug" | "error", (...args: unknown[]) => void>;

/** The lines that `use` writes, parsed where they can be. */
async function linesOf(side: Side, use: (log: Log) => void, options: Record<string, unknown> = {}): Promise<unknown[]> {
  const run = side.open({ base: null, timestamp: false, ...options });
  use(run.logger as Log);
  return (await run.finish()).map((line) => {
    try {
      return JSON.parse(line.toString()) as unknown;
    } catch {
      return line.toString();
    }
  });
}

const ours = (): Promise<Side> => spillwaySide(false);

test("differences: there are at most ten, each with an id of its own", () => {
  expect(DELIBERATE_DIFFERENCES.length).toBeLessThanOrEqual(10);
  expect(new Set(DELIBERATE_DIFFERENCES.map(({ id }) => id)).size).toBe(DELIBERATE_DIFFERENCES.length);
});

test("message-then-fields: the fields are logged, where pino drops them", async () => {
  const use = (log: Log): void => {
    log.info("paid", { amount: 5 });
    log.error("failed", new RangeError("too much"));
    log.info("100 %%s", { amount: 5 });
  };
  expect(await linesOf(pinoSide(), use)).toEqual([
    { level: 30, msg: "paid" },
    { level: 50, msg: "failed" },
    { level: 30, msg: "100 %s" },
  ]);
  expect(await linesOf(await ours(), use)).toMatchObject([
    { level: 30, amount: 5, msg: "paid" },
    { level: 50, err: { type: "RangeError", message: "too much" }, msg: "failed" },
    { level: 30, amount: 5, msg: "100 %%s" },
  ]);
});

test.each([
  ["a message with a verb", ["paid %j", { amount: 5 }]],
  ["a verb behind one that takes nothing", ["100 %%%s", { amount: 5 }]],
  ["three arguments", ["paid", { amount: 5 }, 1]],
  ["an array", ["paid", [5]]],
  ["an instance of a class", ["paid", new Map([[1, 2]])]],
  ["text", ["paid", "5"]],
])("message-then-fields: with %s the call is pino's", async (_, args) => {
  const use = (log: Log): void => log.info(...args);
  expect(asPinoIsCalled(args).id).toBeUndefined();
  expect(await linesOf(await ours(), use)).toEqual(await linesOf(pinoSide(), use));
});

test("never-throws: the call returns and the next one is logged, where pino throws into the program", async () => {
  const use = (log: Log): void => {
    log.info(
      {
        get broken() {
          throw new Error("getter fails");
        },
        id: 1,
      },
      "first",
    );
  };
  await expect(linesOf(pinoSide(), use)).rejects.toThrow("getter fails");
  const lines = await linesOf(await ours(), (log) => {
    use(log);
    log.info("second");
  });
  expect(lines.at(-1)).toEqual({ level: 30, msg: "second" });
  for (const line of lines) expect(line).toBeTypeOf("object");
});

test('lines-are-json: every line parses, where pino writes "msg":undefined', async () => {
  const use = (log: Log): void => {
    log.info(Symbol("text"));
    log.info({ id: 1 }, Symbol("text"));
  };
  for (const line of await linesOf(pinoSide(), use)) expect(line).toBeTypeOf("string");
  const lines = await linesOf(await ours(), use);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toBeTypeOf("object");
});

test("lines-are-json: NaN in a typed array is null also beside a BigInt, where pino writes NaN", async () => {
  const use = (log: Log): void =>
    log.info({ value: { id: 5n, said: 'a ":NaN,', sizes: new Float64Array([1, Number.NaN]) } });
  expect(await linesOf(pinoSide(), use)).toEqual([expect.stringContaining('"1":NaN')]);
  expect(await linesOf(await ours(), use)).toEqual([
    { level: 30, value: { id: 5, said: 'a ":NaN,', sizes: { 0: 1, 1: null } } },
  ]);
});

test.each([
  ['{"level":30,"msg":undefined}\n', '{"level":30}\n', "lines-are-json"],
  ['{"level":30,"a":[NaN,"NaN"]}\n', '{"level":30,"a":[null,"NaN"]}\n', "lines-are-json"],
  ['{"level":30,"msg":undefined}\n', '{"level":40}\n', undefined],
  ['{"level":30,"msg":undefined}\n', '{"level":30,"msg":null}\n', undefined],
  ['{"level":30,"a":NaN}\n', '{"level":30}\n', undefined],
])("lines-are-json: held against pino's line %j, ours %j is judged %s", (theirs, line, judged) => {
  expect(isAccepted(theirs, line)).toBe(judged);
});

test("censor-is-told-a-star: the path that a censor is told names the wildcard", async () => {
  const told: unknown[] = [];
  const options = { redact: { paths: ["*.secret"], censor: (_: unknown, path: unknown[]) => void told.push(path) } };
  const use = (log: Log): void => log.info({ user: { secret: 1 } });
  await linesOf(pinoSide(), use, options);
  await linesOf(await ours(), use, options);
  expect(told).toEqual([
    [expect.any(Symbol), "secret"],
    ["*", "secret"],
  ]);
});

test("redacting-child-keeps-values: a value with a BigInt in it is written and redacted", async () => {
  const use = (log: Log): void => {
    const child = log.child({ child: true }, { redact: ["order.secret"] }) as Log;
    child.info({ order: { secret: "s", cents: 5n } });
  };
  expect(await linesOf(pinoSide(), use)).toMatchObject([
    { order: expect.stringContaining("unable to serialize") as string },
  ]);
  expect(await linesOf(await ours(), use)).toEqual([
    { level: 30, child: true, order: { secret: "[Redacted]", cents: 5 } },
  ]);
});

test("getters-in-cycles: a getter beside a cycle is written, however often it is read", async () => {
  const use = (log: Log): void => {
    let reads = 0;
    const value = {
      get size() {
        return ++reads > 0 ? "read" : "never";
      },
      self: undefined as unknown,
    };
    value.self = value;
    log.info({ value });
  };
  expect(await linesOf(await ours(), use)).toEqual(await linesOf(pinoSide(), use));
});

test("a-level-given-is-kept: a child that was given its parent's level does not follow the parent", async () => {
  const use = (log: Log): void => {
    const child = log.child({ child: true }, { level: "info" }) as Log;
    log.level = "error";
    child.info("heard");
  };
  expect(await linesOf(pinoSide(), use)).toEqual([]);
  expect(await linesOf(await ours(), use)).toEqual([{ level: 30, child: true, msg: "heard" }]);
});
