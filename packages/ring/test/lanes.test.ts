import { MAX_LANES } from "@spillway/core";
import { expect, test } from "vitest";
import { Consumer, LaneTable, Producer } from "../src/index.ts";
import { memoryOf } from "./lane-under-test.ts";

test("lane table: gives each thread a lane of its own until all are taken", () => {
  const table = new LaneTable(memoryOf({ lanes: 3 }));
  expect([0, 5, 9].map((thread) => table.claim(thread))).toEqual([0, 1, 2]);
  expect(table.claim(11)).toBeUndefined();
});

test("lane table: tells who owns a lane, the main thread (id 0) too", () => {
  const table = new LaneTable(memoryOf({ lanes: 2 }));
  expect(table.ownerOf(0)).toBeUndefined();
  table.claim(0);
  expect(table.ownerOf(0)).toBe(0);
});

test("lane table: a lane that was released can be claimed again", () => {
  const table = new LaneTable(memoryOf({ lanes: 2 }));
  table.claim(1);
  table.claim(2);
  table.release(0);
  expect(table.claim(3)).toBe(0);
});

test("lane table: frees all lanes of a thread that is gone, and nobody else's", () => {
  const table = new LaneTable(memoryOf({ lanes: 4 }));
  for (const thread of [7, 8, 7, 9]) table.claim(thread);
  table.releaseAll(7);
  expect([0, 1, 2, 3].map((index) => table.ownerOf(index))).toEqual([undefined, 8, undefined, 9]);
});

test("lane table: two tables over the same memory are the same table", () => {
  const memory = memoryOf({ lanes: 2 });
  expect(new LaneTable(memory).claim(1)).toBe(0);
  expect(new LaneTable(memory).claim(2)).toBe(1);
});

test("lane table: holds the most lanes there can be", () => {
  const table = new LaneTable(memoryOf({ lanes: MAX_LANES, capacity: 16 }));
  for (let index = 0; index < MAX_LANES; index++) expect(table.claim(index)).toBe(index);
  expect(table.ownerOf(MAX_LANES - 1)).toBe(MAX_LANES - 1);
});

test("lane table: passes over a free lane whose frames are not acked yet, and gives it when they are", () => {
  const memory = memoryOf({ lanes: 2 });
  const table = new LaneTable(memory);
  table.claim(1);
  const producer = new Producer(memory, 0);
  producer.tryClaim(8);
  producer.commit(1, 8);
  table.release(0);
  expect(table.claim(2)).toBe(1);
  expect(table.claim(3)).toBeUndefined();
  expect(table.hasFree).toBe(true);
  new Consumer(memory, 0).ack(producer.committedTo);
  expect(table.claim(3)).toBe(0);
  expect(table.hasFree).toBe(false);
});
