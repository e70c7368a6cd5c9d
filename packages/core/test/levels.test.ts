import { expect, test } from "vitest";
import { DEFAULT_LEVELS, LEVEL_ALIASES, LEVEL_CLASSES, levelClass, SILENT } from "../src/index.ts";

test("levels: have pino's numbers", () => {
  expect(DEFAULT_LEVELS).toEqual({ trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 });
});

test("levels: nothing passes silent", () => {
  for (const value of Object.values(DEFAULT_LEVELS)) expect(value).toBeLessThan(SILENT);
  expect(SILENT | 0).toBe(SILENT);
});

test("levels: other names lead to default levels", () => {
  for (const name of Object.values(LEVEL_ALIASES)) expect(DEFAULT_LEVELS).toHaveProperty(name);
});

test("levels: a custom level counts with the highest default level not above it", () => {
  const classOf = (value: number): string => LEVEL_CLASSES[levelClass(value)]!;
  for (const [name, value] of Object.entries(DEFAULT_LEVELS)) {
    expect(classOf(value)).toBe(name);
    expect(classOf(value + 9)).toBe(name);
  }
  expect(classOf(1000)).toBe("fatal");
  expect(classOf(9)).toBe("other");
  expect(classOf(-5)).toBe("other");
});
