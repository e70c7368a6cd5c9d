/** Random claims, commits, aborts, drains, rewinds and acks by one to three consumers, against a model. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { BEFORE_WRAP, CAPACITY } from "../lane-under-test.ts";
import { RingRun, type Step } from "./ring-run.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
const RUNS = isLong ? 4000 : 60;
const MAX_PAYLOAD = CAPACITY / 2 - 16;

const length = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 700 }) },
  { weight: 2, arbitrary: fc.integer({ min: 700, max: 12_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 12_000, max: MAX_PAYLOAD }) },
);
const reserve = fc.constantFrom(0, 0, 0, 16, 4096, 16_384);
const by = fc.constantFrom(0, 0, 1, 2);
const part = fc.double({ min: 0, max: 1, noNaN: true });

const put = fc.record({
  do: fc.constant("put" as const),
  length,
  share: fc.oneof(fc.constant(0), part),
  reserve,
  tag: fc.constantFrom(1, 0x0201, 0x7f01_0503, 0x8000_0004 | 0),
});
const drain = fc.record({
  do: fc.constant("drain" as const),
  by,
  limit: fc.constantFrom(1, 2, 5, 1000, Number.POSITIVE_INFINITY),
  limitBytes: fc.constantFrom(CAPACITY, CAPACITY, 16, 1000, 10_000),
  end: fc.constantFrom("answers" as const, "answers" as const, "refuses" as const, "throws" as const),
  after: fc.integer({ min: 0, max: 4 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: put },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const), length, reserve }) },
  { weight: 4, arbitrary: drain },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ack" as const), by, to: fc.oneof(fc.constant(1), part) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rewind" as const), by, to: part }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("activate" as const), by: fc.constantFrom(1, 2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("new producer" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("new consumer" as const), by }) },
);
const setting = fc.record({ start: fc.constantFrom(0, BEFORE_WRAP), lane: fc.constantFrom(0, 1, 2) });

test("ring: does what the model says, whatever is done to it, also across the end of the positions", {
  timeout: 600_000,
}, () => {
  let frames = 0;
  fc.assert(
    fc.property(setting, fc.array(step, { minLength: 50, maxLength: 300, size: "max" }), (where, steps) => {
      const run = new RingRun(where);
      for (const one of steps) run.step(one);
      run.finish();
      frames += run.count;
    }),
    { numRuns: RUNS, seed: isLong ? Date.now() : 20_26 },
  );
  // Otherwise the ring was full all the time, and nothing was tried.
  expect(frames).toBeGreaterThan(RUNS * 20);
});
