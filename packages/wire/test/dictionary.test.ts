import { DamagedFrameError, type DictionaryRegion, ENTRY_CONFIG, ENTRY_SHAPE, ENTRY_TEXT } from "@spillway/core";
import { expect, test } from "vitest";
import { DictionaryReader, DictionaryWriter } from "../src/index.ts";
import { expectedLine } from "./expected-line.ts";
import { CONFIG, WireUnderTest } from "./wire-under-test.ts";

/** A region by itself: three words in front, then `bytes`. */
function regionOf(bytes: number): DictionaryRegion {
  const memory = new SharedArrayBuffer(16 + bytes);
  return { memory, offset: 16, bytes, usedWord: 0, entriesWord: 1, epochWord: 2 };
}

const PLENTY = { leftBytes: 1 << 20 };

test("dictionary: numbers its entries from 1, and the reader finds each by its number", () => {
  const region = regionOf(4096);
  const writer = new DictionaryWriter(region);
  const reader = new DictionaryReader(region);
  const texts = ["", "a", "ab", "abc", "abcd", "é€😀", "x".repeat(999)];
  expect(texts.map((text) => writer.append(ENTRY_TEXT, text, PLENTY))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(texts.map((_, i) => reader.text(i + 1))).toEqual(texts);
  expect(Buffer.from(reader.textBytes(6)).toString()).toBe("é€😀");
});

test("dictionary: what is appended later is found by a reader that has read before", () => {
  const region = regionOf(4096);
  const writer = new DictionaryWriter(region);
  const reader = new DictionaryReader(region);
  for (let id = 1; id <= 50; id++) {
    expect(writer.append(ENTRY_TEXT, `text ${id}`, PLENTY)).toBe(id);
    expect(reader.text(id)).toBe(`text ${id}`);
  }
});

test("dictionary: full is an answer, and what is smaller may still find room", () => {
  const region = regionOf(256);
  const writer = new DictionaryWriter(region);
  expect(writer.append(ENTRY_TEXT, "x".repeat(200), PLENTY)).toBe(1);
  expect(writer.append(ENTRY_TEXT, "x".repeat(200), PLENTY)).toBe(0);
  expect(writer.append(ENTRY_TEXT, "é".repeat(20), PLENTY)).toBe(0);
  expect(writer.append(ENTRY_TEXT, "y".repeat(20), PLENTY)).toBe(2);
  expect(new DictionaryReader(region).text(2)).toBe("y".repeat(20));
});

test("dictionary: never writes behind its region, whatever the length of what it is given", () => {
  for (let bytes = 64; bytes < 96; bytes += 4) {
    for (let length = 0; length < 64; length++) {
      const region = regionOf(bytes);
      const small = { ...region, bytes: bytes - 24 };
      new DictionaryWriter(small).append(ENTRY_TEXT, "é".repeat(length), PLENTY, 7);
      expect(Buffer.from(region.memory, 16 + small.bytes).every((byte) => byte === 0)).toBe(true);
    }
  }
});

test("dictionary: a kind that has used up its quota leaves room for the others", () => {
  const writer = new DictionaryWriter(regionOf(4096));
  const quota = { leftBytes: 100 };
  let count = 0;
  while (writer.append(ENTRY_TEXT, "0123456789", quota) !== 0) count++;
  expect(count).toBe(4);
  expect(quota.leftBytes).toBe(4);
  expect(writer.append(ENTRY_TEXT, "0123456789", PLENTY)).toBe(5);
});

test("dictionary: entries have kinds, and the reader asks for the right one", () => {
  const region = regionOf(4096);
  const writer = new DictionaryWriter(region);
  const text = writer.append(ENTRY_TEXT, "text", PLENTY);
  const shape = writer.append(ENTRY_SHAPE, "key", PLENTY, 0);
  const config = writer.append(ENTRY_CONFIG, JSON.stringify(CONFIG), PLENTY);
  const reader = new DictionaryReader(region);
  expect([reader.text(text), reader.keys(shape), reader.config(config)]).toEqual(["text", ["key"], CONFIG]);
  for (const id of [0, -1, shape, config, 4, 1e6]) expect(() => reader.text(id)).toThrow(DamagedFrameError);
  expect(() => new DictionaryReader(region).keys(text)).toThrow(DamagedFrameError);
  expect(() => new DictionaryReader(region).config(shape)).toThrow(DamagedFrameError);
});

test("dictionary: a new owner begins anew, and a reader notices in front of the next frames", () => {
  const wire = new WireUnderTest();
  for (let i = 0; i < 3; i++)
    expect(wire.line({ fields: { old: 1 }, message: "same" })).toBe(
      expectedLine({ fields: { old: 1 }, message: "same" }),
    );
  const before = wire.reader.epoch;
  const writer = new DictionaryWriter(wire.region);
  const config = writer.append(ENTRY_CONFIG, JSON.stringify({ ...CONFIG, messageKey: "text" }), PLENTY);
  const shape = writer.append(ENTRY_SHAPE, "fresh", PLENTY, 0);
  const text = writer.append(ENTRY_TEXT, "other", PLENTY);
  wire.begin({ time: 7, config });
  wire.encoder.target.setWordAt(16, shape);
  wire.encoder.target.putWord((5 << 8) | 4);
  wire.encoder.target.putWord((text << 8) | 5);
  expect(wire.write()).toBe('{"level":30,"time":7,"fresh":5,"text":"other"}\n');
  expect(wire.reader.epoch).not.toBe(before);
});
