import { expect, test } from "vitest";
import { runCriticalKills } from "./critical-kills.ts";

const RUNS = 20;

test("critical: 20 processes killed at random, and recoveries killed too, lose, double and tear no acknowledged record", {
  timeout: 300_000,
}, async () => {
  const { totals, failures } = await runCriticalKills(RUNS, Math.floor(Math.random() * 2 ** 31));
  expect(failures).toEqual([]);
  expect(totals.runs).toBe(RUNS);
  // Otherwise nothing much was killed.
  expect(totals.records).toBeGreaterThan(100);
});
