import { copyFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ROOT, run, toolScript } from "../run/workspace.mjs";
import { seedTree } from "./seed.ts";

test("unused code, seeded: reports files, exports and dependencies nobody uses, and imports nobody declared", async () => {
  const manifest = (name: string, rest: object): string =>
    JSON.stringify({ name, private: true, type: "module", exports: { ".": "./src/index.ts" }, ...rest });
  const root = seedTree({
    "package.json": manifest("seed", { workspaces: ["packages/*"], exports: undefined }),
    "packages/core/package.json": manifest("@seed/core", { dependencies: { piscina: "*" } }),
    "packages/core/src/index.ts": 'export { used } from "./a.ts";\nimport "undici";\n',
    "packages/core/src/a.ts": "export const used = 1;\n\nexport const unused = 2;\n",
    "packages/core/src/b.ts": "export const nobodyImportsThisFile = 1;\n",
  });
  copyFileSync(path.join(ROOT, ".knip.jsonc"), path.join(root, ".knip.jsonc"));

  const args = [toolScript("knip"), "--no-progress", "--no-config-hints"];
  const { ok, output } = await run(process.execPath, args, { cwd: root });

  expect(ok).toBe(false);
  expect(output).toMatch(/Unused files \(1\)\s+packages\/core\/src\/b\.ts/);
  expect(output).toMatch(/Unused exports \(1\)\s+unused\s+packages\/core\/src\/a\.ts:3/);
  expect(output).toMatch(/Unused dependencies \(1\)\s+piscina/);
  expect(output).toMatch(/Unlisted dependencies \(1\)\s+undici/);
});
