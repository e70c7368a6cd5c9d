/** The long form of `crash-points.test.ts`: every recovery is killed at every call of a kind. */
import { expect, test } from "vitest";
import { canTrace, dieEverywhere } from "./crash-points.ts";

test.skipIf(!canTrace).each(["mmap", "mirror"] as const)(
  "death at every system call (%s), and at every one of the recovery: what was acknowledged is there once",
  { timeout: 3_600_000 },
  async (tier) => {
    // Each point once with each kind of call at which its recovery dies.
    for (let round = 0; round < 6; round++) {
      const { points, recoveriesKilled, problems } = await dieEverywhere(tier, 1, round);
      console.log(`${tier}: ${points} points, ${recoveriesKilled} recoveries killed`);
      expect(problems).toEqual([]);
    }
  },
);
