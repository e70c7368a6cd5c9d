/** Our lines are pino's lines: thousands of random calls through random loggers, compared byte for byte. */
import { expect, test } from "vitest";
import { campaignSeed, runCampaign } from "./campaign.ts";
import { spillwaySide } from "./sides.ts";

const LINES = 10_000;

test.each([
  ["on worker threads", false, {}, { lines: LINES }],
  ["in sync mode", true, {}, { lines: LINES / 5 }],
  // Thousands of calls in a row, through a ring that they fill several times.
  ["through a small ring", false, { ringBytes: 1024 * 1024 }, { lines: LINES / 2, stepsPerScript: 7000 }],
])("lines: the same bytes as pino's, %s", { timeout: 300_000 }, async (_, sync, more, options) => {
  const result = await runCampaign(await spillwaySide(sync, more), { seed: campaignSeed(), ...options });
  expect(result.failures.join("\n\n")).toBe("");
  expect(result.lines).toBeGreaterThanOrEqual(options.lines);
});
