/** A damaged dictionary: a reader throws, or answers wrong text that is not longer than the region, and ends. */
import {
  DamagedFrameError,
  type DictionaryRegion,
  ENTRY_CONFIG,
  ENTRY_SHAPE,
  ENTRY_TEXT,
  entryCheck,
  entryTag,
} from "@spillway/core";
import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { DictionaryReader, DictionaryWriter } from "../../src/index.ts";
import { CONFIG } from "../wire-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 900_000 : 30_000 });
const REGION_BYTES = 512;
/** What stands behind the region: frames, in a lane. */
const BEHIND = 65_536;
const PLENTY = { leftBytes: 1 << 20 };

let region: DictionaryRegion;
let bytes: Buffer;
let words: Int32Array;
let entries = 0;

beforeEach(() => {
  const memory = new SharedArrayBuffer(64 + REGION_BYTES + BEHIND);
  region = { memory, offset: 64, bytes: REGION_BYTES, usedWord: 0, entriesWord: 1, epochWord: 2 };
  bytes = Buffer.from(memory);
  words = new Int32Array(memory);
  const writer = new DictionaryWriter(region);
  const parent = writer.append(ENTRY_SHAPE, "first", PLENTY, 0);
  writer.append(ENTRY_SHAPE, "second", PLENTY, parent);
  writer.append(ENTRY_CONFIG, JSON.stringify(CONFIG), PLENTY);
  writer.append(ENTRY_TEXT, "a constant message", PLENTY);
  entries = writer.append(ENTRY_TEXT, ',"pid":1', PLENTY);
  bytes.fill("!", 64 + REGION_BYTES);
});

/** Asks for everything by every number, in a new reader; answers the names of what was thrown. */
function readAll(): Set<string> {
  const thrown = new Set<string>();
  const reader = new DictionaryReader(region);
  const attempt = (ask: () => number): void => {
    try {
      const length = ask();
      if (length > REGION_BYTES) expect.fail(`${length} characters from ${REGION_BYTES} bytes`);
    } catch (error) {
      if (error instanceof Error && error.name !== "AssertionError") thrown.add(error.name);
      else throw error;
    }
  };
  for (let id = 0; id <= entries + 3; id++) {
    attempt(() => reader.text(id).length);
    attempt(() => reader.textBytes(id).length);
    attempt(() => reader.keys(id).join("").length);
    attempt(() => JSON.stringify(reader.config(id)).length);
  }
  return thrown;
}

function everyBit(from: number, to: number): Set<string> {
  const thrown = new Set<string>();
  for (let bit = from * 8; bit < to * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    for (const name of readAll()) thrown.add(name);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  return thrown;
}

test("dictionary: any one flipped bit of its region ends in an error or in text that fits into it", () => {
  expect(everyBit(64, 64 + words[region.usedWord]!)).toContain("DamagedFrameError");
});

test("dictionary: random bytes end in an error or in text that fits into it", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: REGION_BYTES, maxLength: REGION_BYTES }),
      fc.nat(REGION_BYTES),
      (garbage, used) => {
        bytes.set(garbage, 64);
        words[region.usedWord] = used;
        readAll();
      },
    ),
    { seed: 5, numRuns: isLong ? 50_000 : 500 },
  );
});

test("dictionary: small lengths and kinds at random, the shape of entries kept, end as well", () => {
  const entry = fc.record({
    length: fc.integer({ min: -4, max: 40 }),
    kind: fc.integer({ min: 0, max: 4 }),
    parent: fc.integer({ min: -1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (made) => {
      bytes.fill(0, 64, 64 + REGION_BYTES);
      let at = 64;
      let count = 0;
      for (const { length, kind, parent } of made) {
        if (at + 16 + Math.max(0, length) > 64 + REGION_BYTES) break;
        const id = ++count;
        words.set([length, entryTag(kind, id), 0, parent], at / 4);
        if (length >= 0) words[at / 4 + 2] = entryCheck(bytes, at, length);
        at += (12 + Math.max(0, length) + 3) & ~3;
      }
      words[region.usedWord] = at - 64;
      readAll();
    }),
    { seed: 6, numRuns: isLong ? 50_000 : 1000 },
  );
});

test("dictionary: a fill beyond the region is damage, not more entries", () => {
  const used = words[region.usedWord]!;
  bytes.fill(0, 64 + used);
  // One entry up to the region's end, then one behind it.
  const put = (at: number, id: number, length: number): void => {
    words.set([length, entryTag(ENTRY_TEXT, id)], at / 4);
    words[at / 4 + 2] = entryCheck(bytes, at, length);
  };
  put(64 + used, entries + 1, REGION_BYTES - used - 12);
  put(64 + REGION_BYTES, entries + 2, 6);
  // Farther than the memory reaches, the reader never ends.
  words[region.usedWord] = REGION_BYTES + 16;
  expect(new DictionaryReader(region).text(entries + 1)).toHaveLength(REGION_BYTES - used - 12);
  expect(() => new DictionaryReader(region).text(entries + 2)).toThrow(DamagedFrameError);
});

test("dictionary: a number that means a shape is no configuration, whatever was asked before", () => {
  const reader = new DictionaryReader(region);
  reader.keys(2);
  expect(() => reader.config(2)).toThrow(DamagedFrameError);
});

test("dictionary: a flipped bit raises nothing but DamagedFrameError", () => {
  expect([...everyBit(64, 64 + words[region.usedWord]!)]).toEqual(["DamagedFrameError"]);
});

/** What every entry says, by number; undefined: it says nothing. */
function answers(): (string | undefined)[] {
  const reader = new DictionaryReader(region);
  const asked = (ask: () => string): string | undefined => {
    try {
      return ask();
    } catch {
      return undefined;
    }
  };
  return [
    asked(() => reader.keys(1).join()),
    asked(() => reader.keys(2).join()),
    asked(() => JSON.stringify(reader.config(3))),
    asked(() => reader.text(4)),
    asked(() => reader.text(5)),
  ];
}

test("dictionary: after any one flipped bit an entry says what was written or nothing, and the entries behind it are found", () => {
  const whole = answers();
  expect(whole).not.toContain(undefined);
  const wrong: string[] = [];
  let noticed = 0;
  for (let bit = 64 * 8; bit < (64 + words[region.usedWord]!) * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const now = answers();
    // The second shape needs the first one.
    const silent = now.filter((answer, i) => answer === undefined && !(i === 1 && now[0] === undefined));
    if (now.some((answer, i) => answer !== undefined && answer !== whole[i])) wrong.push(`bit ${bit} changes a text`);
    if (silent.length > 1) wrong.push(`bit ${bit} silences ${silent.length}`);
    if (silent.length === 1) noticed++;
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  expect(wrong).toEqual([]);
  // All but those in pads.
  expect(noticed).toBeGreaterThan((words[region.usedWord]! - 4 * 3) * 8);
});

test("dictionary: after any one flipped bit of its fill or of the count of its entries the right ones are found out", () => {
  const whole = answers();
  for (const word of [region.usedWord, region.entriesWord]) {
    const [used, count] = [words[region.usedWord]!, words[region.entriesWord]!];
    for (let bit = 0; bit < 32; bit++) {
      words[word]! ^= 1 << bit;
      const right = new DictionaryReader(region).survey();
      expect(right.isSound).toBe(false);
      words[region.usedWord] = right.used;
      words[region.entriesWord] = right.entries;
      expect(answers()).toEqual(whole);
      words[region.usedWord] = used;
      words[region.entriesWord] = count;
    }
  }
});

test("dictionary: what an earlier owner left behind the end is no sign of damage", () => {
  const used = words[region.usedWord]!;
  words[region.usedWord] = 0;
  const writer = new DictionaryWriter(region);
  const parent = writer.append(ENTRY_SHAPE, "first", PLENTY, 0);
  writer.append(ENTRY_SHAPE, "second", PLENTY, parent);
  expect(words[region.usedWord]).toBeLessThan(used);
  expect(new DictionaryReader(region).survey()).toEqual({ used, entries, isSound: true });
  expect(() => new DictionaryReader(region).config(3)).toThrow(DamagedFrameError);
});

test("dictionary: damage is told with its place and the numbers of the entries that are missing", () => {
  const reader = new DictionaryReader(region);
  const parentAt = 64;
  bytes[parentAt]! ^= 0x40;
  bytes[parentAt + 12 + 8 + 4 + 12]! ^= 0x01;
  expect(() => reader.text(1)).toThrow("dictionary entry 1 is damaged");
  expect(() => reader.keys(2)).toThrow("dictionary entry 2 is damaged");
  expect(reader.text(4)).toBe("a constant message");
  const length = 12 + 4 + "first".length;
  const second = (length + 3) & ~3;
  const end = second + ((12 + 4 + "second".length + 3) & ~3);
  expect(reader.damage).toEqual([{ firstId: 1, entries: 2, from: 0, to: end }]);
});

test("dictionary: texts full of headers cost a search a bounded time", () => {
  const large = 1024 * 1024;
  const memory = new SharedArrayBuffer(64 + large);
  const there: DictionaryRegion = { memory, offset: 64, bytes: large, usedWord: 0, entriesWord: 1, epochWord: 2 };
  const lane = new Int32Array(memory);
  for (let at = 16 + 9; at + 3 < lane.length; at += 3) lane.set([large - 4 * at - 200, entryTag(ENTRY_TEXT, 2), 1], at);
  lane[there.usedWord] = large;
  lane[there.entriesWord] = 1;
  const from = performance.now();
  expect(() => new DictionaryReader(there).text(1)).toThrow("dictionary entry 1 is damaged");
  expect(performance.now() - from).toBeLessThan(2000);
});
