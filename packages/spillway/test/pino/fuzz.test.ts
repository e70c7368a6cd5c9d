/** Our lines are pino's lines: thousands of random calls through random loggers, compared byte for byte. */
import { expect, test } from "vitest";
import { campaignSeed, runCampaign } from "./campaign.ts";
import { spillwaySide } from "./sides.ts";

const LINES = 10_000;

test.each([
  ["on worker threads", false, LINES],
  ["in sync mode", true, LINES / 5],
])("lines: the same bytes as pino's, %s", { timeout: 300_000 }, async (_, sync, lines) => {
  const result = await runCampaign(await spillwaySide(sync), { seed: campaignSeed(), lines });
  expect(result.failures.join("\n\n")).toBe("");
  expect(result.lines).toBeGreaterThanOrEqual(lines);
});
