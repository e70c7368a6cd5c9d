/** A drain that is told of gaps goes on behind damage, in a living process as in recovery. */
import { FRAME_SEQ_WORD, frameCheck } from "@spillway/core";
import { expect, test } from "vitest";
import { Consumer, type Gap } from "../../src/index.ts";
import { BEFORE_WRAP, CAPACITY, EPOCH, LaneUnderTest, payloadOf } from "../lane-under-test.ts";
import { DamagedLane } from "./damaged-lane.ts";

const LENGTHS = Array.from({ length: 60 }, (_, i) => (i * 37) % 300);

function drainAll(
  damaged: DamagedLane,
  consumer = new Consumer(damaged.lane.memory, 0),
): { out: number[]; gaps: Gap[] } {
  const out: number[] = [];
  const gaps: Gap[] = [];
  const bytes = damaged.lane.bytes;
  consumer.drain(
    (_, offset, length) => {
      const payload = bytes.subarray(offset, offset + length);
      out.push(LENGTHS.findIndex((one, i) => one === length && payloadOf(i, one).equals(payload)));
      return true;
    },
    Number.POSITIVE_INFINITY,
    CAPACITY,
    (gap) => gaps.push(gap),
  );
  return { out, gaps };
}

function flip(damaged: DamagedLane, frame: number, bit = 5): void {
  damaged.frames[damaged.headerOf(damaged.positions[frame]!) + (bit >> 5)]! ^= 1 << (bit & 31);
}

test("gaps: every single flipped bit of a header costs that frame alone, and is told with its place", () => {
  for (const start of [0, BEFORE_WRAP]) {
    const damaged = new DamagedLane(LENGTHS, start);
    // At the place of the second one, across the end, a pad frame stands first.
    for (const hit of start === 0 ? [0, 1, 30, LENGTHS.length - 1] : [0, 30, LENGTHS.length - 1]) {
      for (let bit = 0; bit < 128; bit++) {
        flip(damaged, hit, bit);
        const { out, gaps } = drainAll(damaged);
        expect(gaps).toMatchObject([{ from: damaged.positions[hit], frames: 1 }]);
        // A pad frame may follow, across the end.
        if (start === 0) expect(gaps[0]!.to).toBe(damaged.positions[hit + 1] ?? damaged.lane.producer.committedTo);
        expect(out).toEqual(LENGTHS.map((_, i) => i).filter((i) => i !== hit));
        flip(damaged, hit, bit);
      }
    }
  }
});

test("gaps: frames in a row that are damaged are one gap, counted by the numbers", () => {
  const damaged = new DamagedLane(LENGTHS);
  for (const frame of [10, 11, 12, 20]) flip(damaged, frame);
  const { gaps } = drainAll(damaged);
  expect(gaps.map(({ from, frames }) => [from, frames])).toEqual([
    [damaged.positions[10], 3],
    [damaged.positions[20], 1],
  ]);
});

test("gaps: the last frames that are committed are counted as well, and what is committed later is handed over", () => {
  const damaged = new DamagedLane(LENGTHS);
  const count = LENGTHS.length;
  for (const frame of [count - 1, count - 2]) flip(damaged, frame);
  const consumer = new Consumer(damaged.lane.memory, 0);
  const end = damaged.lane.producer.committedTo;
  expect(drainAll(damaged, consumer).gaps).toMatchObject([{ from: damaged.positions[count - 2], to: end, frames: 2 }]);
  damaged.lane.put(payloadOf(3, LENGTHS[3]!));
  expect(drainAll(damaged, consumer)).toEqual({ out: [3], gaps: [] });
});

test("gaps: a replay tells the same gap, whatever was committed in between", () => {
  const damaged = new DamagedLane(LENGTHS);
  flip(damaged, LENGTHS.length - 1);
  const first = drainAll(damaged).gaps;
  damaged.lane.put(payloadOf(3, LENGTHS[3]!));
  expect(drainAll(damaged).gaps).toEqual(first);
});

test("gaps: a frame that is whole and of the lap before is none of those that are searched", () => {
  const damaged = new DamagedLane(LENGTHS);
  flip(damaged, 10);
  const header = damaged.headerOf(damaged.positions[11]!);
  const words = damaged.frames;
  const stale = words[header + FRAME_SEQ_WORD]! - 400;
  words[header + FRAME_SEQ_WORD] = stale;
  words[header + 3] = frameCheck(words[header]!, words[header + 1]!, stale, EPOCH ^ (header * 4));
  expect(drainAll(damaged).gaps).toMatchObject([{ from: damaged.positions[10], to: damaged.positions[12], frames: 2 }]);
});

test("gaps: a frame that was copied to another place is none there, with its payload or without", () => {
  for (const [to, from, words] of [
    [10, 15, 4],
    // Over its own predecessor, which is as long: without its place in the check it would come twice.
    [14, 15, 4 + 64],
    [15, 10, 4 + 64],
  ] as const) {
    const damaged = new DamagedLane(LENGTHS);
    const source = damaged.headerOf(damaged.positions[from]!);
    const copy = damaged.frames.slice(source, source + words);
    damaged.frames.set(copy, damaged.headerOf(damaged.positions[to]!));
    const { out, gaps } = drainAll(damaged);
    expect(gaps[0]).toMatchObject({ from: damaged.positions[to], reason: "no frame" });
    expect(out).toEqual([...new Set(out)].sort((a, b) => a - b));
    expect(out).not.toContain(to);
  }
});

test("gaps: a frame that was copied into a gap, with the number of one that is missing there, is none", () => {
  const damaged = new DamagedLane(LENGTHS);
  const source = damaged.headerOf(damaged.positions[12]!);
  const copy = damaged.frames.slice(source, source + 4);
  // Into the payload of the one before, whose header is gone, as its own is.
  damaged.frames.set(copy, damaged.headerOf(damaged.positions[11]!) + 4);
  damaged.frames.fill(0, source, source + 4);
  flip(damaged, 11);
  expect(drainAll(damaged).gaps).toMatchObject([{ from: damaged.positions[11], to: damaged.positions[13], frames: 2 }]);
});

test("gaps: an end that no lane could have is a gap up to there", () => {
  const lane = new LaneUnderTest();
  lane.put(payloadOf(1, 10));
  lane.words[128] = CAPACITY * 4;
  const gaps: Gap[] = [];
  expect(
    lane.consumer.drain(
      () => true,
      9,
      CAPACITY,
      (gap) => gaps.push(gap),
    ),
  ).toBe(0);
  expect(gaps).toMatchObject([{ from: 0, to: CAPACITY * 4, frames: 1 }]);
});
