import { expect, test } from "vitest";
import { criticalEntryPlace, ENTRY_LINE, putCriticalEntry } from "../src/index.ts";

const PLACE = { epoch: -2, lane: 3, position: 0xffff_fff0, seq: 0x8000_0001 };

test("critical entry: the words stand little-endian in front of the line", () => {
  const line = new TextEncoder().encode("{}\n");
  const entry = new Uint8Array(ENTRY_LINE + line.length);
  putCriticalEntry(entry, PLACE, line);
  const words = [0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff, 1, 0, 0, 0x80];
  expect([...entry]).toEqual([...words, 0x7b, 0x7d, 0x0a]);
  expect(criticalEntryPlace(entry)).toEqual(PLACE);
});

test("critical entry: a number that became negative in the ring is the same number", () => {
  const entry = new Uint8Array(ENTRY_LINE);
  putCriticalEntry(entry, { ...PLACE, seq: PLACE.seq | 0 }, new Uint8Array(0));
  expect(criticalEntryPlace(entry)).toEqual(PLACE);
});

test("critical entry: what is too short for the words is none, wherever in memory it stands", () => {
  const memory = new Uint8Array(64);
  expect(criticalEntryPlace(memory.subarray(3, 3 + ENTRY_LINE - 1))).toBeUndefined();
  expect(criticalEntryPlace(memory.subarray(3, 3 + ENTRY_LINE))).toEqual({ epoch: 0, lane: 0, position: 0, seq: 0 });
});
