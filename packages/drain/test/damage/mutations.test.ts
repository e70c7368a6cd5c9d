import { expect, test } from "vitest";
import { runMutations } from "./run-mutations.ts";

test("recovery: of 20,000 ring files damaged at random every record is found whose frame and dictionary were not touched", {
  timeout: 600_000,
}, async () => {
  const { tried, told, found, wrong } = await runMutations(0, 20_000, 590_000);
  expect(wrong).toEqual([]);
  expect(tried).toBe(20_000);
  expect(told).toBeGreaterThan(10_000);
  expect(found).toBeGreaterThan(500_000);
});
