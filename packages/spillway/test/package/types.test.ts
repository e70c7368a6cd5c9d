/** The declarations as a consumer's compiler sees them: nothing skipped, nothing of the workspace in reach. */
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install, makeFolder, pack, remove } from "./installation.ts";
import { runProgram } from "./run-program.ts";

const FIXTURES = fileURLToPath(new URL("fixtures", import.meta.url));
const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

const root = makeFolder();
let app: string;

beforeAll(async () => {
  app = (await install(await pack(root), path.join(root, "app"))).folder;
  cpSync(FIXTURES, app, { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    cpSync(path.join(MODULES, name), path.join(app, "node_modules", name), { recursive: true });
  }
}, 120_000);
afterAll(() => remove(root));

const both = ["consumer.mts", "consumer.cts"];
const WAYS = [
  { name: "nodenext", files: both, module: "nodenext", moduleResolution: "nodenext" },
  { name: "node16", files: both, module: "node16", moduleResolution: "node16" },
  { name: "bundler", files: ["consumer.mts"], module: "esnext", moduleResolution: "bundler" },
];

describe("types", () => {
  test.each(WAYS.map((way) => [way.name, way] as const))(
    "hold for a consumer: %s",
    async (_, way) => {
      const config = path.join(app, `tsconfig.${way.module}.json`);
      const { module, moduleResolution, files } = way;
      const compilerOptions = {
        module,
        moduleResolution,
        target: "es2022",
        strict: true,
        exactOptionalPropertyTypes: true,
        // Declarations of ours that name something that is not there have to show.
        skipLibCheck: false,
        noEmit: true,
        types: ["node"],
      };
      writeFileSync(config, JSON.stringify({ compilerOptions, files }));
      const { code, stdout } = await runProgram(
        process.execPath,
        [path.join(MODULES, "typescript/bin/tsc"), "-p", config],
        app,
      );
      expect(stdout).toBe("");
      expect(code).toBe(0);
    },
    60_000,
  );
});
