/** Flipped bits in the headers of frames, in a filled ring that has been round once. */
import { alignFrame, FRAME_HEADER_BYTES } from "@spillway/core";
import { expect, test } from "vitest";
import { COMMITTED } from "../../src/index.ts";
import { DamagedLane } from "./damaged-lane.ts";

const HEADER_BITS = FRAME_HEADER_BYTES * 8;
const LENGTHS = Array.from({ length: 180 }, (_, i) => (i * 37) % 600);

function flip(damaged: DamagedLane, position: number, bit: number): void {
  damaged.frames[damaged.headerOf(position) + (bit >> 5)]! ^= 1 << (bit & 31);
}

test("drain: notices every single flipped bit of every header, at its frame, after handing over the frames before it", () => {
  const damaged = new DamagedLane(LENGTHS);
  expect(damaged.drain()).toMatchObject({ frames: LENGTHS.length, noticedAt: undefined });
  const missed: string[] = [];
  damaged.positions.forEach((position, frame) => {
    // From a few frames before, so that the campaign stays short.
    const first = Math.max(0, frame - 2);
    for (let bit = 0; bit < HEADER_BITS; bit++) {
      flip(damaged, position, bit);
      const { frames, noticedAt } = damaged.drain(damaged.positions[first]);
      if (noticedAt !== position || frames !== frame - first) missed.push(`frame ${frame} bit ${bit}`);
      flip(damaged, position, bit);
    }
  });
  expect(missed).toEqual([]);
});

test("drain: two flipped bits of a header never lead out of the lane, nor to another place than a frame's", () => {
  const lengths = [100, 0, 33, 600, 16, 250];
  const damaged = new DamagedLane(lengths);
  const whole = damaged.drain().out;
  let unnoticed = 0;
  const wrong: string[] = [];
  for (let a = 0; a < HEADER_BITS; a++) {
    for (let b = a + 1; b < HEADER_BITS; b++) {
      flip(damaged, damaged.positions[2]!, a);
      flip(damaged, damaged.positions[2]!, b);
      const { noticedAt, out } = damaged.drain();
      if (noticedAt === undefined) {
        unnoticed++;
        const isInPlace = out.every(
          ({ offset, length }, i) => offset === whole[i]!.offset && alignFrame(length) === alignFrame(whole[i]!.length),
        );
        if (!isInPlace) wrong.push(`bits ${a} and ${b}`);
      }
      damaged.repair();
    }
  }
  expect(wrong).toEqual([]);
  // Of 8128 pairs: 32 of a bit of the tag and its bit of the check, which change kind, level or flags; and 6 of a bit of
  // the length, by which it changes inside of the frame's own pad, and its bit of the tag or the check.
  expect(unnoticed).toBe(38);
});

test("drain: any one flipped bit of the watermark gives whole frames or is noticed, and ends", () => {
  const damaged = new DamagedLane(LENGTHS);
  const whole = damaged.drain().out;
  const { words } = damaged.lane;
  const intact = words[COMMITTED]!;
  for (let bit = 0; bit < 32; bit++) {
    words[COMMITTED] = intact ^ (1 << bit);
    const { out } = damaged.drain();
    expect(out).toEqual(whole.slice(0, out.length));
  }
});
