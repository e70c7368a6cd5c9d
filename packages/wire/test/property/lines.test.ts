/** Anything JSON can express comes out as the same line, whatever way it took through shapes, dictionary and memory. */
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { expectedLine } from "../expected-line.ts";
import { type Call, type Fields, type WireShape, WireUnderTest } from "../wire-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 900_000 : 30_000 });
const runs = (short: number): { numRuns: number; seed: number } => ({
  numRuns: isLong ? short * 50 : short,
  seed: isLong ? Date.now() | 0 : 20_26,
});

/** Characters that take one to four bytes, that JSON escapes, and halves of pairs. */
const oddCharacter = fc.constantFrom(
  "a",
  "é",
  "€",
  "😀",
  '"',
  "\\",
  "\n",
  "\u0000",
  "\u001f",
  "\u007f",
  "\u2028",
  "\ud800",
  "\udc00",
  "\uffff",
);
const oddText = fc.array(oddCharacter, { maxLength: 30 }).map((characters) => characters.join(""));
const anyText = fc.oneof(fc.string(), fc.string({ unit: "binary" }), oddText);
/** Texts around the lengths at which an encoder or a decoder changes its way. */
const longText = fc
  .tuple(
    fc.constantFrom(16, 24, 64, 100, 128, 256, 1024, 21_845, 65_536),
    fc.integer({ min: -2, max: 2 }),
    fc.constantFrom("x", "é", "€", "😀", "\n", "\ud800", '"'),
    fc.boolean(),
  )
  .map(([length, more, odd, isAtEnd]) =>
    isAtEnd ? "a".repeat(length + more - 1) + odd : odd + "a".repeat(length + more - 1),
  );
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0x7f_ffff,
    0x80_0000,
    -0x80_0000,
    -0x80_0001,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53,
    1e21,
    1e-7,
    5e-324,
    Number.MAX_VALUE,
    Number.NaN,
    Infinity,
    -Infinity,
  ),
);
const key = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    "a",
    "b",
    "id",
    "0",
    "1",
    "42",
    "4294967295",
    "-1",
    "01",
    "",
    "__proto__",
    "constructor",
    "toString",
    "é",
    'q"q',
    "\ud800",
    "\n",
  ),
);
const leaf = fc.oneof(anyText, number, fc.boolean(), fc.constant(null), fc.constant(undefined));
const { value } = fc.letrec<{ value: unknown; list: unknown[]; object: Fields }>((tie) => ({
  value: fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: longText },
    { weight: 1, arbitrary: tie("list") },
    { weight: 2, arbitrary: tie("object") },
  ),
  list: fc.array(tie("value"), { maxLength: 6 }),
  object: fc.dictionary(key, tie("value"), { maxKeys: 6 }) as fc.Arbitrary<Fields>,
}));
const fields = fc.dictionary(key, fc.oneof(value, fc.jsonValue()), { maxKeys: 8 }) as fc.Arbitrary<Fields>;
const call: fc.Arbitrary<Call> = fc.record(
  {
    fields,
    message: fc.oneof(anyText, longText, fc.constantFrom("started", "done", "a b")),
    bindings: fc.constantFrom("", ',"pid":1,"hostname":"h"', ',"é":"😀"', `,"long":"${"x".repeat(5000)}"`),
    internBindings: fc.boolean(),
  },
  { requiredKeys: [] },
);

let wire: WireUnderTest | undefined;
afterEach(() => {
  wire = undefined;
});

/** One lane for all of them: shapes and texts learned from one record are used by the next. */
function linesAreEqual(shape: WireShape, count: number, calls: fc.Arbitrary<Call> = call): void {
  wire = new WireUnderTest(shape);
  const under = wire;
  fc.assert(
    fc.property(calls, (one) => {
      const expected = expectedLine(one);
      // Twice: the second time, keys and constant texts are known.
      for (let i = 0; i < 2; i++) {
        const line = under.line(one);
        if (line !== expected) expect(line).toBe(expected);
      }
    }),
    runs(count),
  );
}

test("lines: equal what JSON.stringify and pino's strings make of the fields", () => {
  linesAreEqual({}, 2500);
});

test("lines: equal when every record outgrows its claim", () => {
  // Room for the head and nothing else.
  linesAreEqual({ claimBytes: 20 }, 500);
  expect(wire!.isOutside).toBe(true);
});

test("lines: equal when a record outgrows its claim anywhere in its middle", () => {
  let claimBytes = 28;
  const one: Call = {
    fields: { a: "é".repeat(9), b: { c: [1, 2.5, "x".repeat(70), { d: null }] }, e: "\ud800", f: -7 },
    message: "half\nway",
    bindings: ',"pid":1',
  };
  const expected = expectedLine(one);
  for (; ; claimBytes += 4) {
    const under = new WireUnderTest({ claimBytes });
    expect(under.line(one)).toBe(expected);
    if (!under.isOutside) break;
  }
  expect(claimBytes).toBeGreaterThan(150);
});

test("lines: equal when the dictionary has no room", () => {
  linesAreEqual({ dictionaryBytes: 512 }, 700);
  expect(wire!.dictionary.usedBytes).toBeLessThanOrEqual(512);
  expect(wire!.dictionary.usedBytes).toBeGreaterThan(400);
});

test("lines: equal when there is no quota for shapes, or none for texts", () => {
  linesAreEqual({ shapesQuota: 0 }, 300);
  linesAreEqual({ textsQuota: 0 }, 300);
});

test("lines: fields stand inside of the nested object where there is one", () => {
  const under = new WireUnderTest({ config: { nestedOpen: ',"data":{' } });
  fc.assert(
    fc.property(fields, (own) => {
      const members = expectedLine({ fields: own, message: "m" }).match(
        /^\{"level":30,"time":\d+(.*),"msg":"m"\}\n$/s,
      )![1]!;
      const nested = members === "" ? "" : `,"data":{${members.slice(1)}}`;
      expect(under.line({ fields: own, message: "m" })).toBe(
        expectedLine({ message: "m" }).replace(',"msg"', () => `${nested},"msg"`),
      );
    }),
    runs(300),
  );
});
