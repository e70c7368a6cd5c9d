import {
  CONTROL_EPOCH,
  CONTROL_LANES,
  CONTROL_MAGIC,
  CONTROL_VERSION,
  MAGIC_VALUE,
  VERSION_VALUE,
} from "@spillway/core";
import { expect, test, vi } from "vitest";
import {
  COMMITTED,
  CONSUMER_ACKED,
  CONSUMER_ACTIVE,
  CONSUMER_DRAINED,
  CONSUMERS,
  LANE_CAPACITY,
  LANE_EPOCH,
  LANE_INDEX,
  LANE_MAGIC,
  LANE_MAGIC_VALUE,
  LANE_PID,
  LANE_VERSION,
  LANE_VERSION_VALUE,
  laneCapacity,
  laneCount,
  laneOffset,
  makeMemory,
} from "../src/index.ts";

const SHAPE = { lanes: 3, capacity: 65_536, epoch: -77, pid: 1234 };

test("memory: says in its first words how it is laid out", () => {
  const memory = makeMemory(SHAPE);
  const control = new Int32Array(memory);
  expect(control[CONTROL_MAGIC]).toBe(MAGIC_VALUE);
  expect(control[CONTROL_VERSION]).toBe(VERSION_VALUE);
  expect(control[CONTROL_LANES]).toBe(3);
  expect(control[CONTROL_EPOCH]).toBe(-77);
  expect(laneCount(memory)).toBe(3);
  expect(laneCapacity(memory)).toBe(65_536);
});

test("memory: every lane says again what it is, for whoever has only the lane", () => {
  const memory = makeMemory({ ...SHAPE, startPosition: 2 ** 32 - 64 });
  for (let index = 0; index < 3; index++) {
    const lane = new Int32Array(memory, laneOffset(index, 65_536));
    const identity = [LANE_MAGIC, LANE_VERSION, LANE_CAPACITY, LANE_EPOCH, LANE_INDEX, LANE_PID].map(
      (word) => lane[word],
    );
    expect(identity).toEqual([LANE_MAGIC_VALUE, LANE_VERSION_VALUE, 65_536, -77, index, 1234]);
    const cursors = [COMMITTED, CONSUMERS + CONSUMER_DRAINED, CONSUMERS + CONSUMER_ACKED].map((word) => lane[word]);
    expect(cursors).toEqual([-64, -64, -64]);
    expect(lane[CONSUMERS + CONSUMER_ACTIVE]).toBe(1);
  }
});

test("memory: is shared, begins on a page, and ends with the last lane", () => {
  const memory = makeMemory(SHAPE);
  expect(memory).toBeInstanceOf(SharedArrayBuffer);
  expect(memory.byteLength).toBe(laneOffset(3, 65_536));
});

test("memory: is a plain shared buffer where WebAssembly is refused or missing", () => {
  for (const api of [
    undefined,
    {
      Memory: class {
        constructor() {
          throw new RangeError("could not allocate memory");
        }
      },
    },
  ]) {
    vi.stubGlobal("WebAssembly", api);
    const memory = makeMemory(SHAPE);
    vi.unstubAllGlobals();
    expect(memory.byteLength).toBe(laneOffset(3, 65_536));
    expect(laneCapacity(memory)).toBe(65_536);
  }
});
