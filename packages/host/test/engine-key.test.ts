import type { ConfigError, NamedSinkSpec } from "@spillway/core";
import { expect, test } from "vitest";
import { engineKey } from "../src/engine-key.ts";

function keyOf(options: unknown, sync = false): string {
  return engineKey(sinksWith(options), sync);
}

function sinksWith(options: unknown): NamedSinkSpec[] {
  return [{ name: "out", spec: { type: "module", module: "file:///sink.mjs", options } }];
}

test("engine key: equal for equal sinks", () => {
  expect(keyOf({ a: [1, "two", null, { three: true }] })).toBe(keyOf({ a: [1, "two", null, { three: true }] }));
  expect(keyOf({ a: 1, b: undefined })).toBe(keyOf({ a: 1 }));
  expect(keyOf(new Map([["a", 1n]]))).toBe(keyOf(new Map([["a", 1n]])));
});

test.each([
  ["maps", new Map([["a", 1]]), new Map([["a", 2]])],
  ["sets", new Set([1]), new Set([2])],
  ["a map and an empty object", new Map(), {}],
  ["BigInts", { limit: 1n }, { limit: 2n }],
  ["a BigInt and a number", { limit: 1n }, { limit: 1 }],
  ["numbers JSON has none for", { limit: Number.NaN }, { limit: Number.POSITIVE_INFINITY }],
  ["a date and its text", { at: new Date(0) }, { at: new Date(0).toJSON() }],
  ["regular expressions", /a/, /b/],
  ["holes and nulls", [undefined], [null]],
  ["bytes", new Uint8Array([1]), new Uint8Array([2])],
])("engine key: tells options apart: %s", (_, one, other) => {
  expect(keyOf(one)).not.toBe(keyOf(other));
});

test("engine key: tells sync from not, and one sink's name from another's", () => {
  expect(keyOf({}, true)).not.toBe(keyOf({}, false));
  const [sink] = sinksWith({}) as [NamedSinkSpec];
  expect(engineKey([{ ...sink, name: "other" }], false)).not.toBe(engineKey([sink], false));
});

test("engine key: options in a circle have one", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  expect(keyOf(circle)).toBe(keyOf(circle));
});

test("engine key: options that cannot cross to another thread are refused, with the sink's name", () => {
  let refusal: unknown;
  try {
    keyOf({ format: () => "" });
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toMatchObject({ code: "ERR_SPILLWAY_CONFIG" });
  expect((refusal as ConfigError).problems[0]).toMatch(/^sinks\.out: its options cannot be handed/);
});
