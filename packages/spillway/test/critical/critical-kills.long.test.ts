/** The long form of `critical-kills.test.ts`. */
import { expect, test } from "vitest";
import { runCriticalKills } from "./critical-kills.ts";

const RUNS = 100;

test("critical: 100 processes killed at random, and recoveries killed too, lose, double and tear no acknowledged record", {
  timeout: 3_600_000,
}, async () => {
  const { totals, failures } = await runCriticalKills(RUNS, Math.floor(Math.random() * 2 ** 31));
  expect(failures).toEqual([]);
  expect(totals.runs).toBe(RUNS);
});
