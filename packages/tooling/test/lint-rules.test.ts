import { copyFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, run, toolScript } from "../run/workspace.mjs";
import { seedTree } from "./seed.ts";

/** What the linter, with this repository's rules, says about a tree; one line `file:line rule` per finding. */
async function lint(files: Record<string, string>): Promise<string[]> {
  const root = seedTree({ ".gitignore": "dist/\n", ...files });
  copyFileSync(path.join(ROOT, ".biome.jsonc"), path.join(root, ".biome.jsonc"));
  const args = [toolScript("biome"), "check", "--error-on-warnings", "--reporter=github", "--colors=off", "."];
  const { output } = await run(process.execPath, args, { cwd: root });
  const found = [...output.matchAll(/title=(\S+?),file=(\S+?),line=(\d+)/g)];
  return found.map(([, rule, file = "", line]) => `${path.relative(root, file)}:${line} ${rule}`);
}

describe("lint rules, seeded", () => {
  test("report enums, default exports, unused imports and Node modules without node:", async () => {
    const found = await lint({
      "packages/host/src/a.ts": [
        'import fs from "fs";',
        'import { join } from "node:path";',
        "export enum Level {",
        "  Info = 1,",
        "}",
        "export default fs.constants;",
        "",
      ].join("\n"),
    });
    expect(found).toEqual(
      expect.arrayContaining([
        "packages/host/src/a.ts:1 lint/style/useNodejsImportProtocol",
        "packages/host/src/a.ts:2 lint/correctness/noUnusedImports",
        "packages/host/src/a.ts:3 lint/style/noEnum",
        "packages/host/src/a.ts:6 lint/style/noDefaultExport",
      ]),
    );
  });

  test("report a file that is not formatted, except golden files and what .gitignore names", async () => {
    const found = await lint({
      "packages/core/src/a.ts": "export const a = 'x'\n",
      "packages/core/test/golden/a.json": '{"a":      1}\n',
      "packages/core/dist/a.js": "var a = 'x'\n",
    });
    expect(found).toEqual([expect.stringContaining("packages/core/src/a.ts")]);
  });

  test("let those who read words of shared memory assert that an element exists, and nobody else's sources", async () => {
    const text = "export const first = (words: number[]): number => words[0]!;\n";
    const found = await lint({ "packages/ring/src/a.ts": text, "packages/sinks/src/a.ts": text });
    expect(found).toEqual(["packages/sinks/src/a.ts:1 lint/style/noNonNullAssertion"]);
  });
});
