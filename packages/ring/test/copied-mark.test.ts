import { expect, test } from "vitest";
import { CONSUMER_COPIED, CONSUMERS, type CopiedMark, CopiedWords, LANE_EPOCH, laneOffset } from "../src/index.ts";
import { CAPACITY, memoryOf } from "./lane-under-test.ts";

const BYTES = 24;
const MARK: CopiedMark = {
  position: 4096,
  seq: 70,
  dictionaryUsed: 120,
  dictionaryEntries: 5,
  dictionaryEpoch: 2,
};

test("copied mark: answers nothing before the first store, and then what was stored", () => {
  const copied = new CopiedWords(memoryOf(), 0);
  expect([copied.read(), copied.isDamaged]).toEqual([undefined, false]);
  copied.store(MARK);
  expect([copied.read(), copied.isDamaged]).toEqual([MARK, false]);
});

test("copied mark: does not go back, also where positions wrap", () => {
  const copied = new CopiedWords(memoryOf(), 0);
  const last = { ...MARK, position: 2 ** 32 - 16, seq: 2 ** 32 - 1 };
  copied.store(last);
  copied.store({ ...MARK, position: 2 ** 32 - 32 });
  expect(copied.read()).toEqual(last);
  const next = { ...MARK, position: 32, seq: 1 };
  copied.store(next);
  expect(copied.read()).toEqual(next);
});

test("copied mark: one flipped bit anywhere is found, also where nothing was stored", () => {
  const memory = memoryOf();
  const copied = new CopiedWords(memory, 0);
  const bytes = Buffer.from(memory, laneOffset(0, CAPACITY) + (CONSUMERS + CONSUMER_COPIED) * 4, BYTES);
  for (const mark of [undefined, MARK]) {
    if (mark !== undefined) copied.store(mark);
    for (let bit = 0; bit < BYTES * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect([copied.read(), copied.isDamaged]).toEqual([undefined, true]);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  }
  expect(copied.read()).toEqual(MARK);
  copied.clear();
  expect([copied.read(), copied.isDamaged]).toEqual([undefined, false]);
});

test("copied mark: that of another life of the ring is none", () => {
  const memory = memoryOf();
  new CopiedWords(memory, 0).store(MARK);
  new Int32Array(memory, laneOffset(0, CAPACITY))[LANE_EPOCH]! ^= 1;
  expect(new CopiedWords(memory, 0).read()).toBeUndefined();
});
