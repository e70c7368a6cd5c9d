import { expect, test } from "vitest";
import * as core from "../src/index.ts";

test("record: numbers of tags are promised to whoever reads rings of other versions", () => {
  const tags = Object.entries(core)
    .filter(([name]) => name.startsWith("TAG_"))
    .map(([name, value]) => `${value} ${name}`)
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  expect(tags).toEqual([
    "0 TAG_UNDEFINED",
    "1 TAG_NULL",
    "2 TAG_FALSE",
    "3 TAG_TRUE",
    "4 TAG_INT24",
    "5 TAG_TEXT",
    "6 TAG_INT32",
    "7 TAG_FLOAT64",
    "8 TAG_PLAIN",
    "9 TAG_ASCII",
    "10 TAG_UTF8",
    "11 TAG_JSON",
    "12 TAG_LONG_ASCII",
    "13 TAG_LONG_UTF8",
    "14 TAG_LONG_JSON",
    "15 TAG_OBJECT",
    "16 TAG_ARRAY",
    "17 TAG_TEMPLATE",
  ]);
});

test("record: the head is a float64 and three words", () => {
  const { RECORD_TIME, RECORD_CONFIG, RECORD_BINDINGS, RECORD_SHAPE, RECORD_HEAD_BYTES } = core;
  expect([RECORD_TIME, RECORD_CONFIG, RECORD_BINDINGS, RECORD_SHAPE, RECORD_HEAD_BYTES]).toEqual([0, 8, 12, 16, 20]);
});

test("record: flags of a shape word do not touch the shape's number", () => {
  expect(core.SHAPE_ID_MASK & (core.SHAPE_EXTRAS | core.BINDINGS_INLINE)).toBe(0);
  expect(core.SHAPE_EXTRAS & core.BINDINGS_INLINE).toBe(0);
});

test("record: what belongs to a tag has 24 bits, with a sign or without", () => {
  expect((core.MAX_INT24 << 8) >> 8).toBe(core.MAX_INT24);
  expect((core.MIN_INT24 << 8) >> 8).toBe(core.MIN_INT24);
  expect((core.MAX_SHORT_LENGTH << 8) >>> 8).toBe(core.MAX_SHORT_LENGTH);
});

test("dictionary: numbers of kinds are promised to whoever reads rings of other versions", () => {
  expect([core.ENTRY_TEXT, core.ENTRY_SHAPE, core.ENTRY_CONFIG, core.ENTRY_HEADER_BYTES]).toEqual([1, 2, 3, 12]);
});

test("drop reasons: their order is that of counters in memory", () => {
  expect(core.DROP_REASONS).toEqual(["full", "timeout", "closed", "tooLarge"]);
  expect([core.DROP_FULL, core.DROP_TIMEOUT, core.DROP_CLOSED, core.DROP_TOO_LARGE]).toEqual([0, 1, 2, 3]);
  expect(core.LEVEL_CLASSES).toEqual(["trace", "debug", "info", "warn", "error", "fatal", "other"]);
});
