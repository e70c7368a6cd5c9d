import fc from "fast-check";
import { expect, test } from "vitest";
import { advance, distance, isBefore } from "../src/index.ts";

const position = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const step = fc.integer({ min: 1, max: 2 ** 31 - 1 });

test("position: advances and measures across 2^32", () => {
  expect(advance(2 ** 32 - 16, 48)).toBe(32);
  expect(distance(2 ** 32 - 16, 32)).toBe(48);
  expect(isBefore(2 ** 32 - 16, 32)).toBe(true);
  expect(isBefore(32, 2 ** 32 - 16)).toBe(false);
});

test("position: what was advanced is as far ahead as it was advanced, and not before its start", () => {
  fc.assert(
    fc.property(position, step, (from, bytes) => {
      const to = advance(from, bytes);
      expect(distance(from, to)).toBe(bytes);
      expect(isBefore(from, to)).toBe(true);
      expect(isBefore(to, from)).toBe(false);
      expect(isBefore(from, from)).toBe(false);
    }),
    { seed: 1 },
  );
});
