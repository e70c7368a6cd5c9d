import { expect, test } from "vitest";
import { canTrace, dieEverywhere } from "./crash-points.ts";

if (!canTrace) console.warn("SKIPPED: death at every system call: there is no strace here, or it may not trace");

test.skipIf(!canTrace).each(["mmap", "mirror"] as const)(
  "death at every system call (%s): what was acknowledged is there once, also when some recoveries die at each of theirs",
  { timeout: 300_000 },
  async (tier) => {
    const { points, recoveriesKilled, problems } = await dieEverywhere(tier, 7);
    console.log(`${tier}: ${points} points, ${recoveriesKilled} recoveries killed`);
    expect(problems).toEqual([]);
    expect(points).toBeGreaterThan(15);
    expect(recoveriesKilled).toBeGreaterThan(3);
  },
);
