import { describe, expect, test } from "vitest";
import { ROOT } from "../run/workspace.mjs";
import { describeFindings } from "../src/finding.ts";
import { guardWords } from "../src/words-guard.ts";
import { placesOf, seedTree } from "./seed.ts";

/** Put together, so that this file names none of them: it is read like every other. */
const WORK = ["", "work"].join("/");
const HOME = ["", "root"].join("/");
const SHARED = ["..", "shared"].join("/");
const SITTING = ["ses", "sion"].join("");
const NUMBERED = ["issue", "#12"].join(" ");

test("words: nothing in this repository refers to a place or a conversation outside it", () => {
  expect(describeFindings(guardWords(ROOT))).toBe("");
});

describe("words guard, seeded", () => {
  test("reports paths of one machine, in prose, code and configuration", () => {
    const root = seedTree({
      "docs/a.md": `fine\nlook into ${WORK}/main for it\n`,
      "packages/ring/src/a.ts": `const file = "${HOME}/ring";\n`,
      ".ci/run": `cd ${WORK}\n`,
    });
    expect(placesOf(guardWords(root))).toEqual([".ci/run:1", "docs/a.md:2", "packages/ring/src/a.ts:1"]);
  });

  test("reports how the work was done, and issues that only a number names", () => {
    const root = seedTree({
      "README.md": `See ${NUMBERED}.\n\nDone in the second ${SITTING}.\nAs ${SHARED}/design says.\n`,
    });
    expect(placesOf(guardWords(root))).toEqual(["README.md:1", "README.md:3", "README.md:4"]);
  });

  test("lets paths below other folders, obsession and issues as such stand", () => {
    const root = seedTree({
      "docs/a.md": `/var${WORK}/app, docs${HOME}/x, .${WORK}/x, ~${WORK}, ${WORK}space, ${HOME}s, an ob${SITTING}, open an issue\n`,
      "packages/ring/src/a.ts": 'import "./shared.ts";\n',
      "node_modules/x/readme.md": `${WORK}/main\n`,
      "package-lock.json": `{ "${SITTING}": 1 }\n`,
    });
    expect(guardWords(root)).toEqual([]);
  });
});
