import { CONTROL_EPOCH } from "@spillway/core";
import { expect, test } from "vitest";
import {
  ATTEMPT_ALONE,
  ATTEMPT_IN_DOUBT,
  ATTEMPT_READING,
  ATTEMPT_UNDER_WAY,
  AttemptWords,
  CONSUMER_ATTEMPT,
  CONSUMERS,
  LANE_EPOCH,
  laneOffset,
} from "../src/index.ts";
import { CAPACITY, memoryOf } from "./lane-under-test.ts";

const BYTES = 20;
const FROM = 2 ** 32 - 64;
const DOUBTFUL = ATTEMPT_UNDER_WAY | ATTEMPT_ALONE | ATTEMPT_IN_DOUBT;

function stored(memory: SharedArrayBuffer, flags = DOUBTFUL): AttemptWords {
  const words = new AttemptWords(memory, 0);
  words.store(flags, 3, 1, 2, FROM, 128);
  return words;
}

test("attempt: answers nothing before the first store, then what was stored, across the wrap, then nothing again", () => {
  const memory = memoryOf();
  expect(new AttemptWords(memory, 0).read()).toBeUndefined();
  const words = stored(memory);
  expect(words.read()).toEqual({ flags: DOUBTFUL, at: 3, deaths: 1, processes: 2, isOurs: true, from: FROM, to: 128 });
  words.clear();
  expect(words.read()).toBeUndefined();
});

test("attempt: no more deaths are counted than there is room for", () => {
  const words = new AttemptWords(memoryOf(), 0);
  words.store(ATTEMPT_ALONE, ATTEMPT_READING, 1000, 1000, 0, 16);
  expect(words.read()).toMatchObject({ flags: ATTEMPT_ALONE, at: ATTEMPT_READING, deaths: 255, processes: 63 });
});

test("attempt: one flipped bit anywhere brings nothing into doubt", () => {
  const memory = memoryOf();
  const bytes = Buffer.from(memory, laneOffset(0, CAPACITY) + (CONSUMERS + CONSUMER_ATTEMPT) * 4, BYTES);
  for (const words of [new AttemptWords(memory, 0), stored(memory)]) {
    for (let bit = 0; bit < BYTES * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(words.read()).toEqual(undefined);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    stored(memory);
  }
});

test("attempt: that of another life of the ring is none", () => {
  const memory = memoryOf();
  stored(memory);
  new Int32Array(memory, laneOffset(0, CAPACITY))[LANE_EPOCH]! ^= 1;
  expect(new AttemptWords(memory, 0).read()).toBeUndefined();
});

test("attempt: one of the engine before is told from ours", () => {
  const memory = memoryOf();
  const words = stored(memory);
  new Int32Array(memory)[CONTROL_EPOCH]! ^= 1;
  expect(new AttemptWords(memory, 0).read()).toMatchObject({ deaths: 1, isOurs: false });
  expect(words.read()).toMatchObject({ isOurs: true });
});

test("attempt: one that was pardoned is not under way, and what was in doubt stays so", () => {
  const memory = memoryOf();
  const words = stored(memory);
  expect(words.isTryingDoubtful).toBe(true);
  words.pardon();
  expect(words.isTryingDoubtful).toBe(false);
  expect(words.read()).toEqual({
    flags: ATTEMPT_ALONE | ATTEMPT_IN_DOUBT,
    at: 3,
    deaths: 1,
    processes: 2,
    isOurs: true,
    from: FROM,
    to: 128,
  });
  stored(memory, ATTEMPT_UNDER_WAY).pardon();
  expect(words.read()).toBeUndefined();
});
