import { Random } from "@spillway/testkit";
import { expect, test } from "vitest";

test("random: draws the same numbers again from the same seed", () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, (_, n) => n).map(() => new Random(seed).next());
  expect(draw(7)).toEqual(draw(7));
  expect(new Random(7).next()).not.toBe(new Random(8).next());
});

test("random: draws whole numbers between two, both included", () => {
  const random = new Random(1);
  const drawn = Array.from({ length: 1000 }, () => random.between(3, 5));
  expect([...new Set(drawn)].sort()).toEqual([3, 4, 5]);
});
