import { ENTRY_SHAPE } from "@spillway/core";
import { expect, test } from "vitest";
import { DictionaryWriter, Shapes, Texts } from "../src/index.ts";
import { expectedLine } from "./expected-line.ts";
import { type Fields, WireUnderTest } from "./wire-under-test.ts";

function objectWith(keys: number, prefix: string): Fields {
  return Object.fromEntries(Array.from({ length: keys }, (_, i) => [`${prefix}${i}`, i]));
}

function makeShapes(wire: WireUnderTest, leftBytes = 1 << 20): Shapes {
  return new Shapes(new DictionaryWriter(wire.region), { leftBytes }, new Texts(wire.dictionary, { leftBytes: 0 }));
}

test("shapes: the same keys in the same order lead to the same number, in another order to another one", () => {
  const shapes = makeShapes(new WireUnderTest());
  const walk = (...keys: string[]): number => keys.reduce((node, key) => shapes.step(node, key)!, shapes.root).id;
  expect(walk("a", "b")).toBe(walk("a", "b"));
  expect(walk("a", "b")).not.toBe(walk("b", "a"));
  expect(walk("a")).not.toBe(walk("a", "b"));
});

test("shapes: a number spells its keys, for whoever reads the dictionary", () => {
  const wire = new WireUnderTest();
  const shapes = makeShapes(wire);
  let node = shapes.root;
  for (const key of ["a", "é", "", '"', "__proto__"]) node = shapes.step(node, key)!;
  wire.reader.refresh();
  expect(wire.reader.keys(node.id)).toEqual(["a", "é", "", '"', "__proto__"]);
  expect(wire.reader.keys(0)).toEqual([]);
});

test("shapes: have bounds: so many keys behind any other, and what the quota allows; known ones are known on", () => {
  const shapes = makeShapes(new WireUnderTest());
  const grown = (from: typeof shapes.root, tries: number): number =>
    Array.from({ length: tries }, (_, i) => shapes.step(from, `k${i}`)).filter((node) => node !== undefined).length;
  expect(grown(shapes.root, 9000)).toBeLessThan(1000);
  expect(grown(shapes.step(shapes.root, "k0")!, 9000)).toBeLessThan(1000);
  expect(shapes.step(shapes.root, "k3")).toBeDefined();
  expect(makeShapes(new WireUnderTest(), 100).step(shapes.root, "x".repeat(200))).toBeUndefined();
});

test("shapes: a key with half a pair travels with its record, and so do those behind it", () => {
  const wire = new WireUnderTest();
  const fields = { a: 1, "\ud800": 2, b: { "\udfff": [3], c: 4 }, d: 5 };
  for (let i = 0; i < 2; i++) expect(wire.line({ fields })).toBe(expectedLine({ fields }));
});

test("shapes: data used as keys becomes the same lines, far beyond all bounds", () => {
  const wire = new WireUnderTest();
  for (let i = 0; i < 3000; i++) {
    const fields = {
      [`user${i}`]: i,
      fixed: { [`id${i}`]: [i], tail: true },
      last: { [`a${i % 70}`]: { [`b${i % 130}`]: i } },
    };
    const line = wire.line({ fields, message: "m" });
    if (line !== expectedLine({ fields, message: "m" })) expect(line).toBe(expectedLine({ fields, message: "m" }));
  }
});

test("shapes: one object with 2000 keys becomes the same line", () => {
  const wire = new WireUnderTest();
  const fields = { ...objectWith(2000, "k"), inner: objectWith(2000, "i") };
  for (let i = 0; i < 2; i++) expect(wire.line({ fields }) === expectedLine({ fields })).toBe(true);
});

test("shapes: one object with 8000 keys becomes the same line, and costs its reader little", () => {
  const wire = new WireUnderTest();
  const fields = objectWith(8000, "k");
  const before = process.memoryUsage().heapUsed;
  expect(wire.line({ fields }) === expectedLine({ fields })).toBe(true);
  // What the keys of all the shapes on the way would take is ten times as much.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(30e6);
});

test("shapes: 40,000 different orders of a few keys stay within the dictionary", () => {
  const wire = new WireUnderTest({ dictionaryBytes: 65_536, shapesQuota: 16_384 });
  const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
  for (let i = 0; i < 40_000; i++) {
    const fields: Fields = {};
    for (let at = i % 40_320, left = 8; left > 1; left--) {
      fields[keys[at % left]! + (left % 2)] = left;
      at = Math.floor(at / left);
    }
    wire.encode({ fields });
    if (i % 997 === 0) expect(wire.write()).toBe(expectedLine({ fields }));
  }
  expect(wire.dictionary.usedBytes).toBeLessThanOrEqual(65_536);
  expect(ENTRY_SHAPE).toBe(2);
});
