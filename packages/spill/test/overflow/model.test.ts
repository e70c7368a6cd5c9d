/** The streams of segments against an array: whatever is done to them, frames come out once, in order, whole. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { OVERFLOW_FILES, type OverflowFiles } from "../../src/index.ts";
import { OverflowRun, type Step } from "./overflow-model.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
const RUNS = isLong ? 5000 : 60;

const part = fc.double({ min: 0, max: 1, noNaN: true });
const length = fc.oneof(fc.nat(80), fc.integer({ min: 0, max: 3000 }), fc.constant(9000));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant("append" as const), length }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("drain" as const),
      limit: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 20_000 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ack" as const), part: fc.oneof(fc.constant(1), part) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rewind" as const), part }) },
  { weight: 1, arbitrary: fc.constant({ do: "new reader" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "new writer" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "crash" as const }) },
);
const setting = fc.record({
  cap: fc.constantFrom(20_000, 60_000, 1_000_000),
  segmentBytes: fc.constantFrom(8192, 32_768),
});

test("overflow: writer, reader and files do what the model says, through acks, takeovers and crashes", {
  timeout: 3_600_000,
}, () => {
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      setting,
      fc.array(step, { minLength: 30, maxLength: 150, size: "max" }),
      ({ cap, segmentBytes }, steps) => {
        const run = new OverflowRun(cap, segmentBytes);
        for (const one of steps) run.step(one);
        run.finish();
        taken += run.taken;
        refused += run.refused;
      },
    ),
    { numRuns: RUNS, seed: isLong ? Date.now() : 20_26 },
  );
  expect(taken).toBeGreaterThan(RUNS * 10);
  expect(refused).toBeGreaterThan(RUNS);
});

/** Each says that it did what it was asked to, and once in a while did not. */
const LIARS: Record<string, (turn: () => boolean) => Partial<OverflowFiles>> = {
  "writes that never happened": (turn) => ({
    write: (fd, bytes, offset, length, position) =>
      turn() ? length : OVERFLOW_FILES.write(fd, bytes, offset, length, position),
  }),
  "writes that came twice": (turn) => ({
    write(fd, bytes, offset, length, position) {
      if (turn()) OVERFLOW_FILES.write(fd, bytes, offset, length, position + length);
      return OVERFLOW_FILES.write(fd, bytes, offset, length, turn() ? position + length : position);
    },
  }),
  "one bit that is read wrong": (turn) => ({
    read(fd, bytes, offset, length, position) {
      const read = OVERFLOW_FILES.read(fd, bytes, offset, length, position);
      if (position >= 4096 && read > 40 && turn()) bytes[offset + 40]! ^= 4;
      return read;
    },
  }),
};

test.each(Object.keys(LIARS))("overflow, seeded: the model sees %s", (name) => {
  let calls = 0;
  const files = { ...OVERFLOW_FILES, ...LIARS[name]!(() => ++calls % 7 === 0) };
  const steps: Step[] = Array.from({ length: 200 }, (_, i) =>
    i % 10 === 9 ? { do: "drain", limit: Number.POSITIVE_INFINITY } : { do: "append", length: i * 3 },
  );
  const run = new OverflowRun(1_000_000, 8192, files);
  expect(() => {
    for (const one of steps) run.step(one);
    run.finish();
  }).toThrow();
});
