import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "../src/index.ts";

test("crc32c: the vectors of RFC 3720", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test("crc32c: a part is summed as the whole, wherever it is cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), fc.nat(7), (bytes, cut, before) => {
      const padded = new Uint8Array(before + bytes.length + 5);
      padded.set(bytes, before);
      const middle = Math.min(cut, bytes.length);
      const first = crc32c(padded, before, before + middle);
      expect(crc32c(padded, before + middle, before + bytes.length, first)).toBe(crc32c(bytes));
    }),
    { seed: 3, numRuns: 500 },
  );
});
