/** A damaged dictionary: a reader throws, or answers wrong text that is not longer than the region, and ends. */
import { DamagedFrameError, type DictionaryRegion, ENTRY_CONFIG, ENTRY_SHAPE, ENTRY_TEXT } from "@spillway/core";
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
      for (const { length, kind, parent } of made) {
        if (at + 16 + Math.max(0, length) > 64 + REGION_BYTES) break;
        words.set([length, kind, parent], at / 4);
        at += (8 + Math.max(0, length) + 3) & ~3;
      }
      words[region.usedWord] = at - 64;
      readAll();
    }),
    { seed: 6, numRuns: isLong ? 50_000 : 1000 },
  );
});

// Known to be wrong; to be turned into plain tests with the repair.

test("dictionary: a fill beyond the region is damage, not more entries", () => {
  const used = words[region.usedWord]!;
  bytes.fill(0, 64 + used);
  // One entry up to the region's end, then one behind it.
  words.set([REGION_BYTES - used - 8, ENTRY_TEXT], (64 + used) / 4);
  words.set([6, ENTRY_TEXT], (64 + REGION_BYTES) / 4);
  // Farther than the memory reaches, the reader never ends.
  words[region.usedWord] = REGION_BYTES + 16;
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
