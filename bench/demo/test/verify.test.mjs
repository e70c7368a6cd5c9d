// The check at the end of the demo must see every way in which a log can be wrong.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verify } from "../verify.mjs";

const WHOLE = Array.from({ length: 100 }, (_, i) => JSON.stringify({ level: 30, n: i + 1, msg: "ü".repeat(i) }));

let place;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "verify-test-"));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

function verdictOn(lines, end = "\n") {
  const path = join(place, "log");
  writeFileSync(path, lines.join("\n") + end);
  return verify(path, WHOLE.length);
}

test("verify: a whole log is whole", () => {
  expect(verdictOn(WHOLE)).toMatchObject({ isWhole: true, lines: 100, found: 100, examples: [] });
});

test.each([
  ["a line is missing", WHOLE.toSpliced(49, 1), { missing: 1 }],
  ["the last line is missing", WHOLE.slice(0, -1), { missing: 1 }],
  ["a line is there twice", WHOLE.toSpliced(49, 0, WHOLE[10]), { twice: 1, missing: 0 }],
  ["two lines changed places", WHOLE.toSpliced(49, 2, WHOLE[50], WHOLE[49]), { outOfOrder: 1, missing: 0 }],
  ["a line is cut", WHOLE.toSpliced(49, 1, WHOLE[49].slice(0, 20)), { broken: 1, missing: 1 }],
  ["two lines became one", WHOLE.toSpliced(49, 2, WHOLE[49] + WHOLE[50]), { broken: 1, missing: 2 }],
  ["a line has no number", WHOLE.toSpliced(49, 0, '{"msg":"hello"}'), { foreign: 1 }],
  ["a number was never logged", WHOLE.toSpliced(100, 0, '{"n":101}'), { foreign: 1 }],
])("verify: sees that %s", (_, lines, expected) => {
  expect(verdictOn(lines)).toMatchObject({ isWhole: false, ...expected });
  expect(verdictOn(lines).examples.length).toBeGreaterThan(0);
});

test("verify: sees that the last line has no end", () => {
  expect(verdictOn(WHOLE, "")).toMatchObject({ isWhole: false, broken: 1, missing: 1 });
});

test("verify: a file that is not there misses everything", () => {
  expect(verify(join(place, "nosuch"), 3)).toMatchObject({ isWhole: false, missing: 3, lines: 0 });
});
