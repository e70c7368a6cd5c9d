/** Memory full of anything: a drain ends, stays in its lane and says so. */
import { FRAME_CHECK_WORD, FRAME_LENGTH_WORD, FRAME_SEQ_WORD, FRAME_TAG_WORD, frameCheck } from "@spillway/core";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { COMMITTED, Consumer, LANE_EPOCH } from "../../src/index.ts";
import { CAPACITY, EPOCH, LaneUnderTest, payloadOf } from "../lane-under-test.ts";
import { DamagedLane } from "./damaged-lane.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 900_000 : 30_000 });
const settings = { numRuns: isLong ? 20_000 : 300, seed: isLong ? Date.now() : 7 };

/** Small and quick; quality does not matter here. */
function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

test("drain: random words where frames should be end it at once", () => {
  const damaged = new DamagedLane([10]);
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (seed, committed) => {
      const next = random(seed);
      for (let i = 0; i < 4096; i++) damaged.frames[i] = next();
      damaged.lane.words[COMMITTED] = committed;
      expect(damaged.drain().frames).toBe(0);
    }),
    settings,
  );
});

test("drain: headers with a right check and any length or number never lead out of the lane, and never loop", () => {
  const damaged = new DamagedLane([10]);
  const length = fc.oneof(
    fc.integer({ min: 0, max: 64 }),
    fc.integer(),
    fc.constantFrom(CAPACITY - 16, CAPACITY, -16, -1, 0x7fff_fff0, 0x7fff_ffff),
  );
  const forged = fc.record({
    length,
    tag: fc.constantFrom(1, 2, 0, 255, -1),
    ahead: fc.constantFrom(0, 0, 0, 0, 1, -1),
  });
  fc.assert(
    fc.property(
      fc.array(forged, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(16, 4096, CAPACITY, CAPACITY - 8),
      (frames, committed) => {
        damaged.frames.fill(0);
        let head = 0;
        frames.forEach((frame, i) => {
          const seq = i + frame.ahead;
          const at = head & (CAPACITY / 4 - 1);
          damaged.frames[at + FRAME_LENGTH_WORD] = frame.length;
          damaged.frames[at + FRAME_TAG_WORD] = frame.tag;
          damaged.frames[at + FRAME_SEQ_WORD] = seq;
          damaged.frames[at + FRAME_CHECK_WORD] = frameCheck(frame.length, frame.tag, seq, EPOCH ^ (at * 4));
          head += ((16 + (frame.length & 0xffff) + 15) & -16) / 4;
        });
        damaged.lane.words[COMMITTED] = committed;
        damaged.drain();
      },
    ),
    settings,
  );
});

test("drain: frames of another life of the ring are no frames", () => {
  const lane = new LaneUnderTest();
  lane.fill(100);
  lane.words[LANE_EPOCH] = EPOCH + 1;
  expect(() => lane.take(1, new Consumer(lane.memory, 0))).toThrow("no frame at position 0");
});

test("drain: a frame of the lap before, where the next one should be, is noticed by its number", () => {
  const lane = new LaneUnderTest();
  for (let i = 0; i < 3000; i++) {
    lane.put(payloadOf(i, 112));
    lane.ackAll();
  }
  lane.put(payloadOf(1, 112));
  // COMMITTED reached the disk, the frame did not: its place still holds the one from 512 frames ago.
  lane.words[COMMITTED] = lane.words[COMMITTED]! + 128;
  expect(lane.consumer.drain(() => true, 1)).toBe(1);
  expect(() => lane.take()).toThrow(/frame \d+ where 3001 was due/);
});
