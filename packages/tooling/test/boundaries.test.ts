import { copyFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ROOT, run, toolScript } from "../run/workspace.mjs";
import { seedTree } from "./seed.ts";

test("boundaries, seeded: reports undeclared imports, which npm's hoisting lets run, and paths out of a package", async () => {
  const root = seedTree({
    "package.json": '{ "name": "seed", "private": true, "packageManager": "npm@11.0.0", "workspaces": ["packages/*"] }',
    "package-lock.json": '{ "name": "seed", "lockfileVersion": 3, "packages": {} }',
    "packages/a/package.json": '{ "name": "@seed/a", "private": true, "type": "module" }',
    "packages/a/src/index.ts": 'import "@seed/b";\nimport "../../b/src/index.ts";\nimport "vitest";\n',
    "packages/b/package.json": '{ "name": "@seed/b", "private": true, "type": "module" }',
    "packages/b/src/index.ts": "export {};\n",
  });
  copyFileSync(path.join(ROOT, "turbo.json"), path.join(root, "turbo.json"));

  const { ok, output } = await run(process.execPath, [toolScript("turbo"), "boundaries", "--no-color"], { cwd: root });

  expect(ok).toBe(false);
  expect(output).toContain("2 issues found");
  expect(output).toMatch(/cannot import package `@seed\/b`[\s\S]*packages\/a\/src\/index\.ts:1/);
  expect(output).toMatch(/leaves the package[\s\S]*packages\/a\/src\/index\.ts:2/);
});
