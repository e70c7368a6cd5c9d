import {
  CONTROL_BYTES,
  DROP_REASONS,
  FRAME_HEADER_BYTES,
  LEVEL_CLASSES,
  MAX_SINKS,
  MIN_RING_BYTES,
} from "@spillway/core";
import { expect, test } from "vitest";
import {
  ACCEPTED_BY_CLASS,
  COMMIT_SLOTS_OFFSET,
  COMMIT_SLOTS_STRIDE,
  COMMITTED,
  CONSUMER_STRIDE,
  CONSUMERS,
  DICTIONARY_BYTES,
  DICTIONARY_EPOCH,
  DICTIONARY_OFFSET,
  DROPPED_BY_REASON,
  FRAMES_OFFSET,
  LANE_HEADER_BYTES,
  LANE_PID,
  laneBytes,
  laneOffset,
  MAX_CONSUMERS,
} from "../src/index.ts";

/** Parts of the header by who writes them, in bytes: [from, to). */
const PARTS = {
  identity: [0, (LANE_PID + 1) * 4],
  producer: [COMMITTED * 4, (DICTIONARY_EPOCH + 1) * 4],
  accepted: [ACCEPTED_BY_CLASS * 8, (ACCEPTED_BY_CLASS + LEVEL_CLASSES.length) * 8],
  dropped: [DROPPED_BY_REASON * 8, (DROPPED_BY_REASON + DROP_REASONS.length * LEVEL_CLASSES.length) * 8],
  consumers: [CONSUMERS * 4, (CONSUMERS + MAX_CONSUMERS * CONSUMER_STRIDE) * 4],
  commits: [COMMIT_SLOTS_OFFSET, COMMIT_SLOTS_OFFSET + MAX_SINKS * COMMIT_SLOTS_STRIDE],
} as const;

test("layout: the parts of a lane's header do not overlap and fit in", () => {
  const parts = Object.values(PARTS).toSorted((a, b) => a[0] - b[0]);
  for (let i = 1; i < parts.length; i++) expect(parts[i]![0]).toBeGreaterThanOrEqual(parts[i - 1]![1]);
  expect(parts.at(-1)![1]).toBeLessThanOrEqual(LANE_HEADER_BYTES);
});

test("layout: what different threads write stands two cache lines apart", () => {
  expect(PARTS.producer[0] - PARTS.identity[0]).toBeGreaterThanOrEqual(128);
  expect(PARTS.consumers[0] - (PARTS.producer[0] + 4)).toBeGreaterThanOrEqual(128);
  expect(CONSUMER_STRIDE * 4).toBeGreaterThanOrEqual(128);
});

test("layout: a lane can be mapped from a file: it begins on 64 KiB and covers whole 64 KiB pages", () => {
  for (const capacity of [MIN_RING_BYTES, 8 * 2 ** 20]) {
    expect(laneBytes(capacity) % 65_536).toBe(0);
    for (let index = 0; index < 4; index++) expect(laneOffset(index, capacity) % 65_536).toBe(0);
    expect(laneOffset(1, capacity) - laneOffset(0, capacity)).toBe(laneBytes(capacity));
  }
  expect(laneOffset(0, MIN_RING_BYTES)).toBe(CONTROL_BYTES);
});

test("layout: header, dictionary and frames fill a lane without a gap", () => {
  expect(DICTIONARY_OFFSET).toBe(LANE_HEADER_BYTES);
  expect(DICTIONARY_OFFSET + DICTIONARY_BYTES).toBe(FRAMES_OFFSET);
  expect(FRAMES_OFFSET % FRAME_HEADER_BYTES).toBe(0);
});
