import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonBytes } from "../src/index.ts";

function written(fill: (out: JsonBytes) => void, size = 1): string {
  const out = new JsonBytes(size);
  fill(out);
  return out.bytes.utf8Slice(0, out.at);
}

test("json bytes: integers are written as JavaScript writes them", () => {
  const edges = [0, -0, 1, -1, 9, 10, 99, 100, -99, -100, 999_999_999, 1_000_000_000, 2 ** 31 - 1, -(2 ** 31)];
  for (const value of edges) expect(written((out) => out.integer(value))).toBe(`${value}`);
  fc.assert(
    fc.property(fc.integer(), (value) => {
      expect(written((out) => out.integer(value))).toBe(`${value}`);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("json bytes: escapes what JSON escapes, and nothing else", () => {
  const all = Array.from({ length: 0x250 }, (_, c) => String.fromCharCode(c)).join("");
  const bytes = Buffer.from(all);
  expect(written((out) => out.escaped(bytes, 0, bytes.length))).toBe(JSON.stringify(all));
});

test("json bytes: text from the middle of other bytes, of any length, equals JSON.stringify", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.nat(9),
      fc.integer({ min: 1, max: 64 }),
      (text, before, size) => {
        const well = text.toWellFormed();
        const bytes = Buffer.concat([Buffer.alloc(before, '"'), Buffer.from(well), Buffer.alloc(9, '"')]);
        const length = bytes.length - before - 9;
        expect(written((out) => out.escaped(bytes, before, length), size)).toBe(JSON.stringify(well));
        expect(written((out) => out.copy(bytes, before, length), size)).toBe(well);
        expect(written((out) => out.plain(bytes, before, length), size)).toBe(`"${well}"`);
        expect(written((out) => out.utf8(well), size)).toBe(well);
      },
    ),
    { seed: 2, numRuns: 300 },
  );
});

test("json bytes: around the lengths at which a loop gives way to a call", () => {
  for (let length = 60; length < 70; length++) {
    const bytes = Buffer.from("x".repeat(length));
    expect(written((out) => out.copy(bytes, 0, length))).toBe("x".repeat(length));
  }
});

test("json bytes: growing keeps what was written", () => {
  const text = written((out) => {
    for (let i = 0; i < 5000; i++) {
      out.byte(0x5b);
      out.integer(i);
      out.ascii("],");
    }
  });
  expect(text).toBe(Array.from({ length: 5000 }, (_, i) => `[${i}],`).join(""));
});

test("json bytes: grows at once to what is asked for, however much", () => {
  const out = new JsonBytes(16);
  out.ensure(1_000_000);
  expect(out.bytes.length).toBeGreaterThanOrEqual(1_000_000);
  expect(out.at).toBe(0);
});
