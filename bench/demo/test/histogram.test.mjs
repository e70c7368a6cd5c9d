import { expect, test } from "vitest";
import { HISTOGRAM_BYTES, Histogram } from "../histogram.mjs";

function histogramOf(values) {
  const histogram = new Histogram(new ArrayBuffer(HISTOGRAM_BYTES));
  for (const value of values) histogram.add(value);
  return histogram;
}

test.each([1, 31, 32, 33, 100, 999, 12_345, 1_000_000, 987_654_321, 5e9])(
  "histogram: reads %d back within 3 %",
  (ns) => {
    const read = histogramOf([ns]).quantile(0.5);
    expect(Math.abs(read - ns) / ns).toBeLessThan(0.032);
  },
);

test("histogram: finds the median and the tail", () => {
  const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => (i < 980 ? 200 : 50_000)));
  expect(histogram.quantile(0.5)).toBeCloseTo(200, -1);
  expect(histogram.quantile(0.99) / 50_000).toBeCloseTo(1, 1);
  expect(histogram.count()).toBe(1000);
});

test("histogram: has no quantile while it is empty", () => {
  expect(histogramOf([]).quantile(0.5)).toBe(0);
});

test("histogram: takes what is out of range to its ends", () => {
  expect(histogramOf([-5]).quantile(1)).toBe(0);
  expect(histogramOf([1e15]).quantile(1)).toBeGreaterThan(1e9);
});
