import { expect, test } from "vitest";
import { compile } from "../shapes/compile.mjs";
import { shapes, whatIsWrong } from "../shapes/shapes.mjs";

/** A logger that only remembers what it was called with. */
function remembering() {
  const calls = [];
  const log = {};
  for (const level of ["info", "error", "debug"]) log[level] = (...args) => calls.push({ level, args });
  return { log, calls };
}

test.each([...shapes.values()])("compile: $name makes one call per number, in both dialects", (shape) => {
  for (const dialect of ["pino", "winston"]) {
    const { log, calls } = remembering();
    const prepared = shape.prepare?.(5, 128);
    compile(shape, dialect, "a test").batch(log, 5, 128, prepared);
    expect(calls).toHaveLength(128);
    expect(new Set(calls.map(({ level }) => level))).toEqual(new Set([shape.level ?? "info"]));
  }
});

test("compile: objects are fresh in each call", () => {
  const { log, calls } = remembering();
  compile(shapes.get("fields4"), "pino", "a test").batch(log, 0, 2);
  expect(calls[0].args[0]).not.toBe(calls[1].args[0]);
  expect(calls[1].args[0]).toEqual({ userId: 1, route: "/item/1", cached: false, ms: 0.25 });
});

test("compile: megamorphic calls have 64 different shapes", () => {
  const { log, calls } = remembering();
  compile(shapes.get("megamorphic"), "pino", "a test").batch(log, 0, 128);
  expect(new Set(calls.map(({ args }) => Object.keys(args[0]).join())).size).toBe(64);
});

test("compile: single calls leave one time each", () => {
  const { log } = remembering();
  const times = new Float64Array(6).fill(-1);
  compile(shapes.get("constant"), "pino", "a test").single(log, 0, 4, times, 1);
  expect([...times].map((time) => time >= 0)).toEqual([false, true, true, true, true, false]);
});

test("shapes: a line that lacks a field or says something else is noticed", () => {
  const shape = shapes.get("child");
  expect(whatIsWrong(shape, { msg: "charge sent", service: "billing", requestId: "r", attempt: 1 })).toBeUndefined();
  expect(whatIsWrong(shape, { msg: "charge sent", service: "billing" })).toBe("a line lacks requestId, attempt");
  expect(whatIsWrong(shape, { msg: "charge refused" })).toMatch(/does not match/);
});
