/** Every three flipped bits of a header; the pairs and single ones are in header-flips.test.ts. */
import { FRAME_HEADER_BYTES } from "@spillway/core";
import { test } from "vitest";
import { DamagedLane } from "./damaged-lane.ts";

const HEADER_BITS = FRAME_HEADER_BYTES * 8;

test("drain: three flipped bits of a header never lead out of the lane", { timeout: 600_000 }, () => {
  const damaged = new DamagedLane([100, 0, 33, 600, 16, 250]);
  const header = damaged.headerOf(damaged.positions[2]!);
  for (let a = 0; a < HEADER_BITS; a++) {
    for (let b = a + 1; b < HEADER_BITS; b++) {
      for (let c = b + 1; c < HEADER_BITS; c++) {
        for (const bit of [a, b, c]) damaged.frames[header + (bit >> 5)]! ^= 1 << (bit & 31);
        damaged.drain(damaged.positions[1]);
        for (const bit of [a, b, c]) damaged.frames[header + (bit >> 5)]! ^= 1 << (bit & 31);
      }
    }
  }
});
