import { expect, test } from "vitest";
import { readMutations } from "./mutations.ts";

test("recover: 20,000 random mutations of a segment are read to an end, and nothing comes out that was not put in", {
  timeout: 120_000,
}, () => {
  const { tried, damaged, frames } = readMutations(0, 20_000);
  expect(tried).toBe(20_000);
  expect(damaged).toBeGreaterThan(15_000);
  expect(frames).toBeGreaterThan(20_000);
});
