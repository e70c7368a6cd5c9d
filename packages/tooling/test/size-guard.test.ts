import { describe, expect, test } from "vitest";
import { ROOT } from "../run/workspace.mjs";
import { describeFindings } from "../src/finding.ts";
import { guardLength, guardNames, longFiles, SOFT_LIMIT_LINES } from "../src/size-guard.ts";
import { placesOf, seedTree } from "./seed.ts";

test("size: no source of this repository is longer than one thing needs", () => {
  for (const { file, lines } of longFiles(ROOT, SOFT_LIMIT_LINES)) {
    console.warn(`${file} has ${lines} lines; above ${SOFT_LIMIT_LINES} it is worth a look`);
  }
  expect(describeFindings(guardLength(ROOT))).toBe("");
});

test("names: every file of this repository is named for what it holds", () => {
  expect(describeFindings(guardNames(ROOT))).toBe("");
});

describe("size guard, seeded", () => {
  test("reports a source of 401 lines, not one of 400, and no test", () => {
    const root = seedTree({
      "packages/ring/src/long.ts": "// a line\n".repeat(401),
      "packages/ring/src/just.ts": "// a line\n".repeat(400),
      "packages/ring/test/many-cases.test.ts": "// a line\n".repeat(900),
      "packages/tooling/run/long.mjs": "// a line\n".repeat(500),
    });
    expect(placesOf(guardLength(root))).toEqual(["packages/tooling/run/long.mjs:401", "packages/ring/src/long.ts:401"]);
  });
});

describe("name guard, seeded", () => {
  test("reports words that say nothing, in names of files and folders", () => {
    const root = seedTree({
      "packages/ring/src/utils.ts": "",
      "packages/ring/src/memory-manager.ts": "",
      "packages/host/src/helpers/pool.ts": "",
      "packages/wire/test/common.ts": "",
      "docs/misc.md": "",
      "packages/wire/src/utilization.ts": "",
    });
    expect(placesOf(guardNames(root))).toEqual([
      "docs/misc.md:1",
      "packages/host/src/helpers/pool.ts:1",
      "packages/ring/src/memory-manager.ts:1",
      "packages/ring/src/utils.ts:1",
      "packages/wire/test/common.ts:1",
    ]);
  });
});
