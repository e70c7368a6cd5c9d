import { MAX_SINKS } from "@spillway/core";
import { expect, test } from "vitest";
import {
  COMMIT_SLOTS_OFFSET,
  COMMIT_SLOTS_STRIDE,
  type Commit,
  CommitSlots,
  LANE_EPOCH,
  LANE_HEADER_BYTES,
  laneOffset,
} from "../src/index.ts";
import { CAPACITY, memoryOf } from "./lane-under-test.ts";

test("commit slots: answer nothing before the first store", () => {
  const slots = new CommitSlots(memoryOf(), 0, 0);
  expect(slots.read()).toBeUndefined();
  expect(slots.delivered).toBe(0);
});

test("commit slots: answer what was stored last", () => {
  const slots = new CommitSlots(memoryOf(), 0, 0);
  for (let turn = 1; turn <= 5; turn++) {
    slots.store(turn, turn * 16, turn * 1000, 2 ** 50 + turn, turn * 3, turn * 2);
    expect(slots.read()).toEqual({
      turn,
      position: turn * 16,
      offset: turn * 1000,
      identity: 2 ** 50 + turn,
      delivered: turn * 3,
      seq: turn * 2,
    });
    expect(slots.delivered).toBe(turn * 3);
  }
});

const SLOT_BYTES = 64;
const CHECK_BYTE = 48;
const BEFORE = { turn: 2, position: 32, offset: 100, identity: 9, delivered: 1, seq: 2 };
const AFTER = { turn: 3, position: 48, offset: 200, identity: 9, delivered: 2, seq: 3 };

function store(slots: CommitSlots, { turn, position, offset, identity, delivered, seq }: Commit): void {
  slots.store(turn, position, offset, identity, delivered, seq);
}

function slotBytes(memory: SharedArrayBuffer): Buffer {
  return Buffer.from(memory, laneOffset(0, CAPACITY) + COMMIT_SLOTS_OFFSET, 2 * SLOT_BYTES);
}

test("commit slots: whoever dies anywhere in the middle of a store leaves what was stored before, or all of the new", () => {
  const memory = memoryOf();
  const slots = new CommitSlots(memory, 0, 0);
  const bytes = slotBytes(memory);
  store(slots, BEFORE);
  const before = Buffer.from(bytes);
  store(slots, AFTER);
  const after = Buffer.from(bytes);
  for (let stored = 0; stored <= 2 * SLOT_BYTES; stored += 4) {
    before.copy(bytes);
    after.copy(bytes, 0, 0, stored);
    expect(new CommitSlots(memory, 0, 0).read()).toEqual(stored > CHECK_BYTE ? AFTER : BEFORE);
  }
});

test("commit slots: one flipped bit anywhere changes nothing of what they answer, and is found", () => {
  const memory = memoryOf();
  const slots = new CommitSlots(memory, 0, 0);
  const bytes = slotBytes(memory);
  store(slots, BEFORE);
  const wrong: number[] = [];
  let found = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const read = slots.read();
    if (read === undefined || Object.entries(BEFORE).some(([key, value]) => read[key as keyof Commit] !== value))
      wrong.push(bit);
    if (slots.delivered !== BEFORE.delivered) wrong.push(bit);
    found += slots.damaged;
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  expect(wrong).toEqual([]);
  // All but the twelve bytes behind each check, which mean nothing.
  expect(found).toBe(2 * (CHECK_BYTE + 4) * 8);
});

test("commit slots: one flipped bit where nothing was stored is no commit", () => {
  const memory = memoryOf();
  const bytes = slotBytes(memory);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    expect(new CommitSlots(memory, 0, 0).read()).toBeUndefined();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
});

test("commit slots: both damaged are none, and those of another life of the ring are none either", () => {
  const memory = memoryOf();
  const slots = new CommitSlots(memory, 0, 0);
  const bytes = slotBytes(memory);
  store(slots, BEFORE);
  const words = new Int32Array(memory, laneOffset(0, CAPACITY));
  words[LANE_EPOCH]! ^= 1;
  expect(new CommitSlots(memory, 0, 0).read()).toBeUndefined();
  words[LANE_EPOCH]! ^= 1;
  expect(new CommitSlots(memory, 0, 0).read()).toEqual(BEFORE);
  bytes[9]! ^= 1;
  bytes[SLOT_BYTES + 9]! ^= 1;
  expect(slots.read()).toBeUndefined();
  expect(slots.damaged).toBe(2);
  slots.clear();
  expect([slots.damaged, slots.read()]).toEqual([0, undefined]);
});

test("commit slots: each sink of each lane has its own, inside of the lane's header", () => {
  const memory = memoryOf({ lanes: 2 });
  for (let lane = 0; lane < 2; lane++) {
    for (let sink = 0; sink < MAX_SINKS; sink++) {
      const slots = new CommitSlots(memory, lane, sink);
      slots.store(1, lane, sink, 0, 0, 0);
      slots.store(2, lane, sink, 1, lane * 100 + sink, 0);
    }
  }
  for (let lane = 0; lane < 2; lane++) {
    for (let sink = 0; sink < MAX_SINKS; sink++) {
      expect(new CommitSlots(memory, lane, sink).read()).toMatchObject({
        position: lane,
        offset: sink,
        delivered: lane * 100 + sink,
      });
    }
  }
  expect(COMMIT_SLOTS_OFFSET + MAX_SINKS * COMMIT_SLOTS_STRIDE).toBeLessThanOrEqual(LANE_HEADER_BYTES);
});

test("commit slots: positions behind 2^31 and offsets of huge files come back as they were", () => {
  const slots = new CommitSlots(memoryOf(), 0, 3);
  slots.store(2 ** 40, 2 ** 32 - 16, 2 ** 52, -1, 2 ** 45, -1);
  expect(slots.read()).toEqual({
    turn: 2 ** 40,
    position: 2 ** 32 - 16,
    offset: 2 ** 52,
    identity: -1,
    delivered: 2 ** 45,
    seq: 2 ** 32 - 1,
  });
});
