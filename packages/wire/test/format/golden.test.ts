/** Lanes of published format versions are read for ever. A new version gets new files beside the old ones. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { FRAME_PAD, frameKind } from "@spillway/core";
import {
  CommitSlots,
  FRAMES_OFFSET,
  LANE_CAPACITY,
  LANE_EPOCH,
  LANE_INDEX,
  LANE_MAGIC,
  LANE_MAGIC_VALUE,
  LANE_PID,
  LANE_VERSION,
  LaneCounters,
} from "@spillway/ring";
import { expect, test } from "vitest";
import { makeGoldenLane } from "./golden-lane.ts";
import { laneFile, linesOf, memoryFrom } from "./lane-file.ts";

const VERSION = 1;
const lane = path.join(import.meta.dirname, `../golden/lane-v${VERSION}.ring.gz`);
const lines = path.join(import.meta.dirname, `../golden/lane-v${VERSION}.lines`);

if (process.env["SPILLWAY_MAKE_GOLDEN"] === "1" && !existsSync(lane)) {
  const made = laneFile(makeGoldenLane());
  writeFileSync(lane, gzipSync(made, { level: 9 }));
  writeFileSync(lines, `${linesOf(made).join("\n")}\n`);
}

const file = gunzipSync(readFileSync(lane));
const golden = readFileSync(lines, "utf8").trimEnd().split("\n");

test("golden lane, version 1: says what it is", () => {
  const words = [LANE_MAGIC, LANE_VERSION, LANE_CAPACITY, LANE_EPOCH, LANE_INDEX, LANE_PID].map((word) =>
    file.readInt32LE(word * 4),
  );
  expect(words).toEqual([LANE_MAGIC_VALUE, 1, 65_536, 0x1234_5678, 0, 4711]);
  expect(file.length).toBe(FRAMES_OFFSET + 65_536);
});

test("golden lane, version 1: frames that were not acked are read to the same lines, from the lane alone", () => {
  expect(linesOf(file)).toEqual(golden);
  expect(golden.length).toBeGreaterThan(20);
  expect(golden.at(-1)).toContain('"msg":"the last one"');
});

test("golden lane, version 1: has been round, with a pad frame at its end", () => {
  const tags: number[] = [];
  for (let at = FRAMES_OFFSET + 65_536 - 2048; at < file.length; ) {
    tags.push(frameKind(file.readInt32LE(at + 4)));
    at += (16 + file.readInt32LE(at) + 15) & -16;
  }
  expect(tags.at(-1)).toBe(FRAME_PAD);
});

test("golden lane, version 1: its counters and commit slots are where they were", () => {
  const memory = memoryFrom(file);
  const counters = new LaneCounters(memory, 0);
  expect(counters.accepted()).toBe(26);
  expect([counters.acceptedOf(2), counters.acceptedOf(4), counters.droppedOf(0, 2), counters.droppedOf(1, 4)]).toEqual([
    25, 1, 2, 1,
  ]);
  expect(new CommitSlots(memory, 0, 0).read()).toEqual({
    turn: 2,
    position: 2 ** 32 - 2048 + 128,
    offset: 180,
    identity: 99,
    delivered: 2,
    seq: 2,
  });
  expect(new CommitSlots(memory, 0, 1).read()).toBeUndefined();
});

test("golden lane, version 1: what is written today is read to the same lines as well", () => {
  expect(linesOf(laneFile(makeGoldenLane()))).toEqual(golden);
});
