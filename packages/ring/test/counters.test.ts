import { DROP_REASONS, LEVEL_CLASSES } from "@spillway/core";
import { expect, test } from "vitest";
import { ACCEPTED_BY_CLASS, LaneCounters } from "../src/index.ts";
import { memoryOf } from "./lane-under-test.ts";

test("counters: count accepted records by class of level", () => {
  const counters = new LaneCounters(memoryOf(), 0);
  LEVEL_CLASSES.forEach((_, index) => {
    for (let i = 0; i <= index; i++) counters.values[ACCEPTED_BY_CLASS + index]! += 1;
  });
  expect(LEVEL_CLASSES.map((_, index) => counters.acceptedOf(index))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(counters.accepted()).toBe(28);
});

test("counters: count dropped records by reason and class of level, each in a place of its own", () => {
  const counters = new LaneCounters(memoryOf(), 0);
  let next = 0;
  for (let reason = 0; reason < DROP_REASONS.length; reason++) {
    for (let level = 0; level < LEVEL_CLASSES.length; level++) {
      next++;
      for (let i = 0; i < next; i++) counters.drop(reason, level);
    }
  }
  let expected = 0;
  for (let reason = 0; reason < DROP_REASONS.length; reason++) {
    let sum = 0;
    for (let level = 0; level < LEVEL_CLASSES.length; level++) {
      expected++;
      sum += expected;
      expect(counters.droppedOf(reason, level)).toBe(expected);
    }
    expect(counters.dropped(reason)).toBe(sum);
  }
  expect(counters.accepted()).toBe(0);
});

test("counters: a reader of another lane sees nothing of it", () => {
  const memory = memoryOf({ lanes: 2 });
  new LaneCounters(memory, 0).values[ACCEPTED_BY_CLASS + 1]! += 1;
  expect(new LaneCounters(memory, 0).accepted()).toBe(1);
  expect(new LaneCounters(memory, 1).accepted()).toBe(0);
});
