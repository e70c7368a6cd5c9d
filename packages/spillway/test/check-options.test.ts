import { ConfigError, type LoggerOptions } from "@spillway/core";
import { expect, test } from "vitest";
import { checkOptions } from "../src/check-options.ts";

function problemsOf(options: object): readonly string[] {
  try {
    checkOptions(options as LoggerOptions);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("options: what is right passes", () => {
  const sinks = { out: { type: "file", path: "app.log" }, all: { type: "stdout" } };
  expect(problemsOf({ level: "debug", sinks, ringBytes: 65_536, lanes: 0, whenFull: "drop" })).toEqual([]);
});

test("options: a name that is none is told, with the one it resembles", () => {
  expect(problemsOf({ sink: {} })).toEqual(["sink: no such option; did you mean sinks?"]);
  expect(problemsOf({ whenfull: "drop" })).toEqual(["whenfull: no such option; did you mean whenFull?"]);
  expect(problemsOf({ transport: {} })).toEqual(["transport: no such option"]);
});

test("options: all problems are told at once, each with its path and what was expected", () => {
  const problems = problemsOf({
    level: "loud",
    ringBytes: 100_000,
    maxBlockMs: "soon",
    sinks: { a: { type: "fiel", path: "x" }, b: { type: "file" } },
    customLevels: { notice: -1 },
  });
  expect(problems).toHaveLength(6);
  for (const path of ["level", "ringBytes", "maxBlockMs", "sinks.a.type", "sinks.b.path", "customLevels.notice"]) {
    expect(problems.some((problem) => problem.startsWith(`${path}:`))).toBe(true);
  }
});

test("options: what is wrong with critical is told", () => {
  expect(problemsOf({ critical: {} })).toEqual([]);
  expect(
    problemsOf({ critical: { levels: ["critical", "notice"], walPath: "a" }, customLevels: { notice: 35 } }),
  ).toEqual([]);
  expect(problemsOf({ critical: true })).toHaveLength(1);
  expect(problemsOf({ critical: { levels: [] } })).toHaveLength(1);
  expect(problemsOf({ critical: { levels: "error" } })).toHaveLength(1);
  const problems = problemsOf({ critical: { levels: ["eror", "silent", "fatal"], walPath: "", path: "x" } });
  expect(problems).toHaveLength(4);
  expect(problems).toContain("critical.path: no such option; there are levels and walPath");
  expect(problems.find((problem) => problem.includes("eror"))).toMatch(
    /^critical\.levels: unknown level "eror"; expected/,
  );
});
