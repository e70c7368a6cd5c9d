import { templateText } from "@spillway/format";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type KnownText, parseTemplate } from "../src/index.ts";
import { expectedLine } from "./expected-line.ts";
import { WireUnderTest } from "./wire-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 900_000 : 30_000 });
const SETTINGS = { seed: 3, numRuns: isLong ? 100_000 : 1500 };

const piece = fc.constantFrom(
  "%s",
  "%d",
  "%i",
  "%f",
  "%j",
  "%o",
  "%O",
  "%%",
  "%x",
  "%",
  " ",
  "a",
  "é",
  '"',
  "\n",
  "%c",
);
const template = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => `%s${pieces.join("")}`);
const plain = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.constantFrom(-0, Number.NaN, Infinity, "\ud800", "x".repeat(200)),
);
const argument = fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: fc.jsonValue() });

test("templates: conversions are found in order; %% is none, an unknown letter uses an argument up", () => {
  expect([...parseTemplate("a %s %d %f %i %j %o %O %% %x %")]).toEqual([1, 2, 2, 3, 4, 4, 4, 0]);
  expect([...parseTemplate("%")]).toEqual([]);
  expect([...parseTemplate("%%s")]).toEqual([]);
});

test("templates: put together by the worker, they read as pino's own formatter has them", () => {
  let travelled = 0;
  let wire = new WireUnderTest();
  fc.assert(
    fc.property(template, fc.array(argument, { maxLength: 10 }), (message, args) => {
      // A template is known when it was seen before.
      if (wire.dictionary.usedBytes > 500_000) wire = new WireUnderTest();
      wire.encoder.template(message);
      const known = wire.encoder.template(message);
      wire.begin({ time: 1 });
      const before = wire.encoder.target.length;
      const isShort = args.length === 1 || args.length === 2;
      const travels = (one: KnownText): boolean =>
        isShort ? wire.encoder.formattedShort(one, args[0], args[1], args.length) : wire.encoder.formatted(one, args);
      if (known === undefined || !travels(known)) {
        // Left to the caller, without a trace.
        expect(wire.encoder.target.length).toBe(before);
        return;
      }
      travelled++;
      const asText = (value: unknown): unknown =>
        typeof value === "object" && value !== null ? { json: JSON.stringify(value) } : value;
      const text = templateText(message, args.map(asText));
      expect(wire.write()).toBe(`{"level":30,"time":1,"msg":${JSON.stringify(text)}}\n`);
    }),
    SETTINGS,
  );
  expect(travelled).toBeGreaterThan(SETTINGS.numRuns / 2);
});

test("templates: one that was seen once, or is too long to keep, is the caller's", () => {
  const wire = new WireUnderTest();
  expect(wire.encoder.template("%s once")).toBeUndefined();
  expect(wire.encoder.template("%s once")).toBeDefined();
  const long = `%s${"x".repeat(300)}`;
  for (let i = 0; i < 5; i++) expect(wire.encoder.template(long)).toBeUndefined();
});

test("templates: an argument that only user code can turn into text is the caller's", () => {
  const wire = new WireUnderTest();
  wire.encoder.template("%s!");
  const known = wire.encoder.template("%s!")!;
  for (const argument of [{}, [], new Date(0), 1n, Symbol("s"), () => 1]) {
    wire.begin();
    const before = wire.encoder.target.length;
    expect(wire.encoder.formatted(known, [argument])).toBe(false);
    expect(wire.encoder.target.length).toBe(before);
  }
});

test("templates: more arguments than conversions are left out, fewer leave the conversions standing", () => {
  const wire = new WireUnderTest();
  for (let i = 0; i < 2; i++) wire.encoder.template("%s and %s");
  expect(wire.line({ message: "%s and %s", args: ["a", "b", "c"] })).toBe(expectedLine({ message: "a and b" }));
  expect(wire.line({ message: "%s and %s", args: ["a"] })).toBe(expectedLine({ message: "a and %s" }));
});
