/** The long form of `fuzz.test.ts`: many more calls, from seeds of its own, and from the day's when none is given. */
import { expect, test } from "vitest";
import { campaignSeed, runCampaign } from "./campaign.ts";
import { mixSeed } from "./choices.ts";
import { spillwaySide } from "./sides.ts";

const LINES = 200_000;
const PARTS = 10;

test.each(Array.from({ length: PARTS }, (_, part) => part))(
  "lines: the same bytes as pino's, part %i of a long run",
  { timeout: 3_600_000 },
  async (part) => {
    // Each part anew: a failure names its part's own seed.
    const seed = mixSeed(campaignSeed(), 1000 + part);
    const side = await spillwaySide(part % 5 === 4);
    const result = await runCampaign(side, { seed, lines: LINES / PARTS, stepsPerScript: part % 2 === 0 ? 1000 : 100 });
    expect(result.failures.join("\n\n")).toBe("");
  },
);
