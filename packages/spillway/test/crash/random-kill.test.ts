import { expect, test } from "vitest";
import { runKills } from "./random-kill.ts";

const RUNS = 200;

test("kill: 200 processes killed at random while they log, and recoveries killed too, lose, double and tear nothing", {
  timeout: 300_000,
}, async () => {
  const { totals, failures } = await runKills(RUNS, Math.floor(Math.random() * 2 ** 31));
  expect(failures).toEqual([]);
  expect(totals.runs).toBe(RUNS);
  // Otherwise nothing much was killed.
  expect(totals.records).toBeGreaterThan(50_000);
});
