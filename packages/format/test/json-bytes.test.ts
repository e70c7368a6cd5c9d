import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonBytes } from "../src/index.ts";
import { prepareText } from "../src/prepared-text.ts";

function written(fill: (out: JsonBytes) => void, size = 1): string {
  const out = new JsonBytes(size);
  fill(out);
  return out.bytes.utf8Slice(0, out.at);
}

/** Bytes as they lie in a lane: with words over the same memory. */
function laid(bytes: Buffer): { bytes: Buffer; words: Int32Array } {
  const memory = new SharedArrayBuffer((bytes.length + 7) & ~3);
  const copy = Buffer.from(memory);
  bytes.copy(copy);
  return { bytes: copy, words: new Int32Array(memory) };
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
  const { length } = Buffer.from(all);
  const { bytes, words } = laid(Buffer.from(all));
  expect(written((out) => out.escaped(bytes, words, 0, length))).toBe(JSON.stringify(all));
});

test("json bytes: one character that JSON escapes is found wherever it stands among any others", () => {
  for (const around of ["a", "!", "\u007f", "]", "\u00e9", "\u0700"]) {
    for (let place = 0; place < 40; place++) {
      for (const character of [...'\0\u0001\t\n\u001f"\\', " ", "#", "[", "\u0080", "\u00a2"]) {
        const text = around.repeat(place) + character + around.repeat(40 - place);
        const { length } = Buffer.from(text);
        const { bytes, words } = laid(Buffer.from(text));
        expect(written((out) => out.escaped(bytes, words, 0, length))).toBe(JSON.stringify(text));
      }
    }
  }
});

test("json bytes: text from the middle of other bytes, of any length, equals JSON.stringify", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.nat(3),
      fc.integer({ min: 1, max: 64 }),
      (text, wordsBefore, size) => {
        const before = wordsBefore * 4;
        const well = text.toWellFormed();
        const { length } = Buffer.from(well);
        const { bytes, words } = laid(
          Buffer.concat([Buffer.alloc(before, '"'), Buffer.from(well), Buffer.alloc(9, '"')]),
        );
        expect(written((out) => out.escaped(bytes, words, before, length), size)).toBe(JSON.stringify(well));
        expect(written((out) => out.copy(bytes, before, length), size)).toBe(well);
        expect(written((out) => out.plain(bytes, words, before, length), size)).toBe(`"${well}"`);
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

test("json bytes: words give way to a call without a byte too much", () => {
  for (let length = 0; length < 220; length++) {
    const text = "abcdefg".repeat(40).slice(0, length);
    const { bytes, words } = laid(Buffer.from(`${text}~~~~`));
    const twice = written((out) => {
      out.text(prepareText(text));
      out.plain(bytes, words, 0, length);
    });
    expect(twice).toBe(`${text}"${text}"`);
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
