import { describe, expect, test } from "vitest";
import { ROOT } from "../run/workspace.mjs";
import { describeFindings } from "../src/finding.ts";
import { guardWords } from "../src/words-guard.ts";
import { placesOf, seedTree } from "./seed.ts";

test("words: nothing in this repository refers to a place or a conversation outside it", () => {
  expect(describeFindings(guardWords(ROOT))).toBe("");
});

describe("words guard, seeded", () => {
  test("reports paths of one machine, in prose, code and configuration", () => {
    const root = seedTree({
      "docs/a.md": "fine\nlook into /work/main for it\n",
      "packages/ring/src/a.ts": 'const file = "/root/ring";\n',
      ".ci/run": "cd /work\n",
    });
    expect(placesOf(guardWords(root))).toEqual([".ci/run:1", "docs/a.md:2", "packages/ring/src/a.ts:1"]);
  });

  test("reports how the work was done, and issues that only a number names", () => {
    const root = seedTree({
      "README.md": "See issue #12.\n\nDone in the second session.\nAs ../shared/design says.\n",
    });
    expect(placesOf(guardWords(root))).toEqual(["README.md:1", "README.md:3", "README.md:4"]);
  });

  test("lets paths below other folders, obsession and issues as such stand", () => {
    const root = seedTree({
      "docs/a.md": "/var/work/app, docs/root/x, ./work/x, ~/work, /workspace, /roots, an obsession, open an issue\n",
      "packages/ring/src/a.ts": 'import "./shared.ts";\n',
      "node_modules/x/readme.md": "/work/main\n",
      "package-lock.json": '{ "session": 1 }\n',
    });
    expect(guardWords(root)).toEqual([]);
  });
});
