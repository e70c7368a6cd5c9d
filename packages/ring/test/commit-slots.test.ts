import { MAX_SINKS } from "@spillway/core";
import { expect, test } from "vitest";
import { COMMIT_SLOTS_OFFSET, COMMIT_SLOTS_STRIDE, CommitSlots, LANE_HEADER_BYTES, laneOffset } from "../src/index.ts";
import { CAPACITY, memoryOf } from "./lane-under-test.ts";

const SELECTOR_BYTE = 128;

test("commit slots: answer nothing before the first store", () => {
  const slots = new CommitSlots(memoryOf(), 0, 0);
  expect(slots.read()).toBeUndefined();
  expect(slots.delivered).toBe(0);
});

test("commit slots: answer what was stored last", () => {
  const slots = new CommitSlots(memoryOf(), 0, 0);
  for (let turn = 1; turn <= 5; turn++) {
    slots.store(turn, turn * 16, turn * 1000, 2 ** 50 + turn, turn * 3);
    expect(slots.read()).toEqual({
      turn,
      position: turn * 16,
      offset: turn * 1000,
      identity: 2 ** 50 + turn,
      delivered: turn * 3,
    });
    expect(slots.delivered).toBe(turn * 3);
  }
});

test("commit slots: whoever dies in the middle of a store leaves the one before valid", () => {
  const memory = memoryOf();
  const slots = new CommitSlots(memory, 0, 0);
  const at = laneOffset(0, CAPACITY) + COMMIT_SLOTS_OFFSET;
  const before = { turn: 2, position: 32, offset: 100, identity: 9, delivered: 1 };
  for (const first of [1, 2]) {
    slots.store(first, 0, 0, 0, 0);
    slots.store(before.turn, before.position, before.offset, before.identity, before.delivered);
    const selector = new Int32Array(memory, at + SELECTOR_BYTE, 1);
    const selected = selector[0]!;
    slots.store(3, 48, 200, 9, 2);
    // The stores of the values happened, some of them or all, but not the one that selects.
    selector[0] = selected;
    expect(slots.read()).toEqual(before);
    expect(new CommitSlots(memory, 0, 0).read()).toEqual(before);
    slots.store(4, 64, 300, 9, 3);
  }
});

test("commit slots: each sink of each lane has its own, inside of the lane's header", () => {
  const memory = memoryOf({ lanes: 2 });
  for (let lane = 0; lane < 2; lane++) {
    for (let sink = 0; sink < MAX_SINKS; sink++) {
      const slots = new CommitSlots(memory, lane, sink);
      slots.store(1, lane, sink, 0, 0);
      slots.store(2, lane, sink, 1, lane * 100 + sink);
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
  slots.store(2 ** 40, 2 ** 32 - 16, 2 ** 52, -1, 2 ** 45);
  expect(slots.read()).toEqual({
    turn: 2 ** 40,
    position: 2 ** 32 - 16,
    offset: 2 ** 52,
    identity: -1,
    delivered: 2 ** 45,
  });
});
