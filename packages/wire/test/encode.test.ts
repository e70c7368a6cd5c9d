import { expect, test, vi } from "vitest";
import { type FieldRules, NO_TEXT } from "../src/index.ts";
import { expectedLine } from "./expected-line.ts";
import { type Fields, NO_RULES, TIME, WireUnderTest } from "./wire-under-test.ts";

function lineBy(rules: Partial<FieldRules>, fields: Fields): string {
  return new WireUnderTest({ rules: { ...NO_RULES, ...rules } }).line({ fields, message: "m" });
}

test("record: a field with the only rule is written as its serializer has it", () => {
  const serialize = (_: string, value: unknown): unknown => `<${String(value)}>`;
  expect(lineBy({ onlyKey: "err", serialize }, { err: 1, other: 2 })).toBe(
    expectedLine({ fields: { err: "<1>", other: 2 }, message: "m" }),
  );
});

test("record: with several rules, a field may be replaced, left out, or come as JSON text", () => {
  const rules: Partial<FieldRules> = {
    keys: new Set(["a", "b", "c", "d"]),
    serialize: (key, value) => (key === "a" ? undefined : key === "b" ? { was: value } : value),
    stringify: (key) => (key === "c" ? undefined : key === "d" ? '"[Redacted]"' : NO_TEXT),
  };
  const fields = { a: 1, b: 2, c: 3, d: 4, e: 5 };
  for (const all of [false, true]) {
    expect(lineBy({ ...rules, all }, fields)).toBe(
      expectedLine({ fields: { b: { was: 2 }, d: "[Redacted]", e: 5 }, message: "m" }),
    );
  }
});

test("record: a field that is left out leaves the shape as if it had not been there", () => {
  const wire = new WireUnderTest();
  wire.encode({ fields: { a: 1, c: 2 } });
  const before = wire.dictionary.usedBytes;
  wire.encode({ fields: { a: 1, b: undefined, c: 2 } });
  expect(wire.dictionary.usedBytes).toBe(before);
});

test("record: an HTTP request or response is told apart from other fields", () => {
  const wire = new WireUnderTest();
  const isHttp = (fields: Fields, mayBeHttp = true): boolean => {
    wire.begin();
    return wire.encoder.fields(fields, NO_RULES, mayBeHttp);
  };
  expect(isHttp({ method: "GET", headers: {}, socket: {} })).toBe(true);
  expect(isHttp({ method: "GET", headers: {}, socket: {} }, false)).toBe(false);
  expect(isHttp({ x: 1, socket: {}, "\ud800": 1, headers: {}, y: 2, method: "GET" })).toBe(true);
  expect(isHttp({ "\ud800": 1, method: "GET", headers: "text", socket: true })).toBe(true);
  expect(isHttp({ a: 1, setHeader: () => {} })).toBe(true);
  expect(isHttp({ method: "", headers: {}, socket: {} })).toBe(false);
  expect(isHttp({ method: "GET", headers: {} })).toBe(false);
  expect(isHttp({ method: "GET", nested: { headers: {}, socket: {} } })).toBe(false);
  expect(isHttp({})).toBe(false);
});

test("record: nothing of the user's runs before it is known whether the fields are an HTTP request", () => {
  const wire = new WireUnderTest();
  const rules = { ...NO_RULES, onlyKey: "id", serialize: vi.fn((_: string, value: unknown) => value) };
  const size = vi.fn(() => 1);
  const params = Object.defineProperty({}, "size", { get: size, enumerable: true });
  wire.begin();
  expect(wire.encoder.fields({ id: 7, params, method: "GET", headers: {}, socket: {} }, rules, true)).toBe(true);
  expect(rules.serialize).not.toHaveBeenCalled();
  wire.begin();
  expect(wire.encoder.fields({ params, method: "GET", headers: {}, socket: {} }, NO_RULES, true)).toBe(true);
  expect(size).not.toHaveBeenCalled();
});

test.each([
  ["method", {}, 2],
  ["setHeader", {}, 2],
  ["headers", {}, 1],
  ["headers", { method: "GET" }, 2],
  ["socket", { method: "GET" }, 1],
  ["socket", { method: "GET", headers: {} }, 2],
])("record: a getter named %s beside %j is read as often as by pino", (key, others, reads) => {
  const wire = new WireUnderTest();
  let count = 0;
  const fields = Object.defineProperty({ ...others }, key, { get: () => (++count % 2) * 0, enumerable: true });
  wire.begin();
  expect(wire.encoder.fields(fields, NO_RULES, true)).toBe(false);
  expect(count).toBe(reads);
});

test("record: a message may be any value, text that is JSON already, or none", () => {
  const wire = new WireUnderTest();
  const line = (put: () => void): string => {
    wire.begin();
    put();
    return wire.write();
  };
  const open = `{"level":30,"time":${TIME}`;
  expect(line(() => wire.encoder.value({ a: [1] }))).toBe(`${open},"msg":{"a":[1]}}\n`);
  expect(line(() => wire.encoder.value(7))).toBe(`${open},"msg":7}\n`);
  expect(line(() => wire.encoder.json('{"x":1}'))).toBe(`${open},"msg":{"x":1}}\n`);
  expect(line(() => wire.encoder.noMessage())).toBe(`${open}}\n`);
});

test("record: a message without a JSON form writes nothing", () => {
  const wire = new WireUnderTest();
  for (const message of [undefined, () => 1, Symbol("s")]) {
    wire.begin();
    const before = wire.encoder.target.length;
    expect(wire.encoder.value(message)).toBe(false);
    expect(wire.encoder.target.length).toBe(before);
  }
});

test("record: one that begins outside of the ring is the same bytes as one inside", () => {
  const fields = { a: 1, b: ["é", { c: 1.5 }] };
  const wire = new WireUnderTest();
  const inside = wire.line({ fields, message: "m", bindings: ',"pid":1' });
  wire.encoder.beginOutside(TIME, wire.configId, 0, ',"pid":1');
  wire.encoder.fields(fields, NO_RULES, false);
  wire.encoder.text("m");
  expect(wire.encoder.target.isOutside).toBe(true);
  wire.bytes.fill(0, wire.start, wire.start + 4096);
  wire.encoder.target.copyTo(wire.start);
  expect(wire.write()).toBe(inside);
});

test("record: a field whose text is mostly the same becomes a number, and comes out right when it changes", () => {
  const wire = new WireUnderTest();
  for (let i = 0; i < 400; i++) {
    const fields = {
      method: i % 7 === 0 ? "POST" : "GET",
      path: `/items/${i}`,
      inner: { region: i < 200 ? "eu" : "us" },
    };
    const line = wire.line({ fields });
    if (line !== expectedLine({ fields })) expect(line).toBe(expectedLine({ fields }));
  }
});
