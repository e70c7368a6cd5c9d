import { expect, test } from "vitest";
import { geometricMean, interval, quantile } from "../harness/intervals.mjs";

test("interval: is the range of the values up to seven runs", () => {
  expect(interval([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3, n: 3 });
  expect(interval([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 1, high: 5, n: 5 });
});

test("interval: leaves out outliers when enough runs cover the median without them", () => {
  const values = Array.from({ length: 15 }, (_, index) => index);
  expect(interval([...values.slice(0, 14), 1000])).toMatchObject({ median: 7, low: 3, high: 11 });
});

test("interval: takes the middle between the two middle values of an even number", () => {
  expect(interval([4, 1, 3, 2]).median).toBe(2.5);
});

test("interval: answers nothing for no runs", () => {
  expect(interval([])).toBeUndefined();
});

test("interval: holds the true median in nine of ten cases from five runs on", () => {
  // A linear congruential generator: the same cases each time.
  let seed = 1;
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  for (const runs of [5, 9, 15, 21]) {
    let held = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const { low, high } = interval(Array.from({ length: runs }, next));
      if (low <= 0.5 && high >= 0.5) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.88);
  }
});

test("quantile, geometric mean: on values in any order", () => {
  expect(quantile([3, 1, 2], 1)).toBe(3);
  expect(geometricMean([1, 4])).toBeCloseTo(2);
});
