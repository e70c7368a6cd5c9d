import fc from "fast-check";
import { expect, test } from "vitest";
import {
  alignFrame,
  FRAME_ALIGNMENT,
  FRAME_DROPPED,
  FRAME_FAR,
  FRAME_HEADER_BYTES,
  FRAME_PAD,
  FRAME_RECORD,
  FRAME_TEXT,
  frameCheck,
  frameKind,
  frameLevelIndex,
  frameTag,
} from "../src/index.ts";

const word = fc.integer();

test("frame: numbers of kinds are promised to whoever reads rings of other versions", () => {
  expect([FRAME_RECORD, FRAME_PAD, FRAME_TEXT, FRAME_DROPPED, FRAME_FAR]).toEqual([1, 2, 3, 4, 5]);
  expect([FRAME_HEADER_BYTES, FRAME_ALIGNMENT]).toEqual([16, 16]);
});

test("frame: the next one starts on the next multiple of 16", () => {
  expect([0, 1, 16, 17, 32, 33].map(alignFrame)).toEqual([0, 16, 16, 32, 32, 48]);
});

test("frame: kind, level and flags come out of the tag as they went in", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(255), fc.nat(0xffff), (kind, level, flags) => {
      const tag = frameTag(kind, level, flags);
      expect([frameKind(tag), frameLevelIndex(tag), tag >>> 16]).toEqual([kind, level, flags]);
    }),
    { seed: 1 },
  );
});

test("frame: the check sees any one flipped bit, of length, tag, number, epoch or itself", () => {
  fc.assert(
    fc.property(word, word, word, word, fc.nat(31), (length, tag, seq, epoch, bit) => {
      const flip = 1 << bit;
      const check = frameCheck(length, tag, seq, epoch);
      expect(check).toBe(check | 0);
      expect(frameCheck(length ^ flip, tag, seq, epoch)).not.toBe(check);
      expect(frameCheck(length, tag ^ flip, seq, epoch)).not.toBe(check);
      expect(frameCheck(length, tag, seq ^ flip, epoch)).not.toBe(check);
      expect(frameCheck(length, tag, seq, epoch ^ flip)).not.toBe(check);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("frame: untouched memory is no frame, in any ring but one whose epoch is 0", () => {
  expect(frameCheck(0, 0, 0, 1)).not.toBe(0);
  expect(frameCheck(0, 0, 0, 0)).toBe(0);
});

test("frame: the worked example of the specification", () => {
  expect(frameCheck(24, 0x201, 7, 0x12345678) >>> 0).toBe((7 ^ 0x12345678 ^ (24 << 9) ^ (0x201 << 18)) >>> 0);
});
