/** Applications bundled into one file, run where neither node_modules nor files of ours are. */
import { mkdirSync, renameSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install, makeFolder, pack, remove } from "./installation.ts";
import { runProgram } from "./run-program.ts";
import { expectDelivered, NO_KOFFI } from "./scenarios.ts";

const root = makeFolder();
const alone = path.join(root, "alone");

interface Bundle {
  readonly name: string;
  readonly file: string;
  make(app: string): Promise<unknown>;
}

type Format = "cjs" | "esm";
const suffix = { cjs: "cjs", esm: "mjs" };

const BUNDLES: readonly Bundle[] = [
  ...(["log.mjs", "log.cjs"] as const).flatMap((program) =>
    (["cjs", "esm"] as const).flatMap((format) => [false, true].map((minify) => byEsbuild(program, format, minify))),
  ),
  byRolldown("cjs"),
  byRolldown("esm"),
];

function byEsbuild(program: string, format: Format, minify: boolean): Bundle {
  const file = path.join(alone, `esbuild-${program}-${minify ? "minified" : "plain"}.${suffix[format]}`);
  return {
    name: `esbuild, ${program} to ${format}${minify ? ", minified" : ""}`,
    file,
    make: (app) =>
      build({ entryPoints: [path.join(app, program)], bundle: true, platform: "node", format, minify, outfile: file }),
  };
}

function byRolldown(format: Format): Bundle {
  const file = path.join(alone, `rolldown.${suffix[format]}`);
  return {
    name: `rolldown, log.mjs to ${format}, minified`,
    file,
    make: async (app) => {
      const bundle = await rolldown({ input: path.join(app, "log.mjs"), platform: "node" });
      await bundle.write({ file, format, minify: true });
      await bundle.close();
    },
  };
}

beforeAll(async () => {
  const { folder } = await install(await pack(root), path.join(root, "app"));
  mkdirSync(alone);
  for (const bundle of BUNDLES) await bundle.make(folder);
  // Some bundlers write the path of a module into their output: nothing may be found there.
  renameSync(folder, path.join(root, "gone"));
  expect(BUNDLES.length).toBe(10);
}, 120_000);
afterAll(() => remove(root));

const MODES = ["stay", "sync", "exit"];

describe("bundled into one file, alone in a folder", () => {
  describe.each(BUNDLES.map((bundle) => [bundle.name, bundle] as const))("%s", (_, bundle) => {
    // The CommonJS program does not stay.
    const modes = MODES.filter((mode) => mode !== "stay" || !bundle.name.includes("log.cjs"));
    test.each(modes)("delivers: %s", async (mode) => {
      const log = `${bundle.file}.${mode}.log`;
      const outcome = await runProgram(process.execPath, [bundle.file, log, mode], alone);
      expectDelivered(outcome, log, NO_KOFFI);
      if (mode === "stay") expect(outcome.stdout).toContain("worker: true");
      if (mode === "sync") expect(outcome.stdout).toContain("in the file: 2000");
    });
  });

  test("delivers where no code may be made from strings", async () => {
    const { file } = BUNDLES[0]!;
    const outcome = await runProgram(
      process.execPath,
      ["--disallow-code-generation-from-strings", file, `${file}.log`],
      alone,
    );
    expectDelivered(outcome, `${file}.log`, NO_KOFFI);
  });
});
