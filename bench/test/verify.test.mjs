import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { verify } from "../harness/verify.mjs";

const folder = mkdtempSync(join(tmpdir(), "spillway-bench-test-"));
const path = join(folder, "out.log");
const contender = {};

afterEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const accounts = (logged, { dropped = 0, delivered = logged - dropped } = {}) => ({
  logged,
  accepted: logged - dropped,
  dropped: dropped > 0 ? { full: dropped } : {},
  sinks: { out: { delivered, quarantined: 0, pending: 0, uncertain: 0 } },
});

function problemsOf(text, expected, more = {}) {
  writeFileSync(path, text);
  return verify({ contender, path, expected, ...more }).problems;
}

test("verify: finds nothing wrong with all records in the file and balanced accounts", () => {
  expect(problemsOf('{"a":1}\n{"a":2}\n', 2, { accounts: accounts(2) })).toEqual([]);
});

test("verify: counts lines that span the chunks it reads", () => {
  expect(problemsOf(`${JSON.stringify({ a: "x".repeat(3 << 20) })}\n`.repeat(3), 3)).toEqual([]);
});

test("verify: refuses a run with a record that is not in the file", () => {
  expect(problemsOf('{"a":1}\n', 2)).toEqual(["2 records logged, 1 found in the file"]);
});

test("verify: refuses a torn last line", () => {
  expect(problemsOf('{"a":1}\n{"a"', 1)).toEqual(["the file ends in 4 bytes without a line end"]);
});

test("verify: refuses lines that are not JSON or say something else", () => {
  expect(problemsOf("hello\n", 1)[0]).toMatch(/not JSON/);
  expect(problemsOf('{"a":1}\n', 1, { whatIsWrong: () => "a line lacks b" })).toEqual(["a line lacks b"]);
});

test("verify: refuses a run that dropped, though what it accepted is all there", () => {
  expect(problemsOf('{"a":1}\n', 1, { accounts: accounts(2, { dropped: 1 }) }).join()).toMatch(/dropped: {"full":1}/);
});

test("verify: refuses accounts that do not balance", () => {
  expect(problemsOf('{"a":1}\n', 1, { accounts: accounts(1, { delivered: 0 }) }).join()).toMatch(/knows of 0 records/);
});
