/** What the fuzz has found, in its shortest form: each was another line than pino's once. */
import { expect, test } from "vitest";
import { type FuzzLogger, pinoSide, type Side, spillwaySide } from "./sides.ts";

type Log = FuzzLogger & Record<"info", (...args: unknown[]) => void>;

async function linesOf(side: Side, options: Record<string, unknown>, use: (log: Log) => void): Promise<string[]> {
  const run = side.open({ base: null, timestamp: false, ...options });
  use(run.logger as Log);
  return (await run.finish()).map(String);
}

/** Answers another number each time it is read. */
function counting(key: string, others: object = {}): object {
  let reads = 0;
  return Object.defineProperty({ ...others }, key, { get: () => ++reads, enumerable: true });
}

function counter(): () => number {
  let calls = 0;
  return () => ++calls;
}

function withoutStack(error: Error): Error {
  error.stack = "";
  return error;
}

const request = (more: object = {}): object => ({ method: "GET", url: "/", headers: {}, socket: {}, ...more });

test.each<[string, (log: Log) => void, (() => Record<string, unknown>)?]>([
  ["a message taken from an error is no template", (log) => log.info(withoutStack(new Error("100 %s")), undefined, 7)],
  ["a message taken from the error key is none either", (log) => log.info({ err: { message: "%d" } }, undefined, 7)],
  ["a getter inside of a request is read once", (log) => log.info(request({ params: counting("size") }), "ok")],
  [
    "a getter inside of a response is read once",
    (log) => log.info({ setHeader: () => {}, statusCode: 200, _headers: counting("size") }, "ok"),
  ],
  ["a getter named as a key of a request is read twice", (log) => log.info(counting("method", { id: 7 }), "ok")],
  ["so is one named as a key of a response", (log) => log.info(counting("setHeader", { id: 7 }), "ok")],
  [
    "a serializer is not asked about a request's own fields",
    (log) => {
      log.info(request(), "ok");
      log.info({ headers: 0 }, "ok");
    },
    () => ({ serializers: { headers: counter() } }),
  ],
  [
    "a serializer is asked once about the fields of what is no request",
    (log) => log.info({ ...request(), method: "" }, "ok"),
    () => ({ serializers: { method: counter() } }),
  ],
  [
    "a getter beside a cycle is read twice",
    (log) => {
      const cycle = { self: undefined as unknown };
      cycle.self = cycle;
      log.info({ value: { size: counting("reads"), cycle } });
    },
  ],
  [
    "a getter beside much depth is read once",
    (log) => {
      let deep: object = { end: true };
      for (let i = 0; i < 30; i++) deep = i % 2 === 0 ? { deep } : [deep];
      log.info({ value: { size: counting("reads"), deep } });
    },
  ],
  [
    "a cycle far down is cut where pino cuts it, and what stands beside it is read twice",
    (log) => {
      const end = { self: undefined as unknown };
      end.self = end;
      let deep: object = end;
      for (let i = 0; i < 30; i++) deep = { toJSON: () => ({ deep: i > 0 && end }), deep };
      log.info({ value: { size: counting("reads"), deep: { deep, end } } });
    },
  ],
  ...[new Date(0), 7n, "\ud800", Symbol.iterator].map((last): [string, (log: Log) => void] => [
    `an object put into a message beside ${typeof last} is read once`,
    (log) => {
      for (let i = 0; i < 12; i++) {
        log.info("%j, %s", counting("reads"), last);
        log.info("%s, %j, %s", "more", counting("reads"), last);
      }
    },
  ]),
  [
    "a binding that is NaN is told to the censor as a number",
    (log) => (log.child({ size: Number.NaN }) as Log).info("ok"),
    () => ({ redact: { paths: ["size"], censor: (value: unknown) => typeof value } }),
  ],
])("found: %s", async (_, use, options = () => ({})) => {
  expect(await linesOf(await spillwaySide(false), options(), use)).toEqual(await linesOf(pinoSide(), options(), use));
});

test.each([[["msg"]], [["*"]]])("found: a message that is to be removed by %j is not in the line", async (paths) => {
  const options = { redact: { paths, remove: true } };
  const lines = await linesOf(await spillwaySide(false), options, (log) => {
    log.info("a secret");
    log.info("the %s of it", "secret");
    (log.child({}, options) as Log).info("a secret");
  });
  expect(lines).toEqual(['{"level":30}\n', '{"level":30}\n', '{"level":30}\n']);
});
