/** The same as bundled.test.ts, by webpack. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install, makeFolder, pack, remove } from "./installation.ts";
import { fetchPackages } from "./registry.ts";
import { runProgram } from "./run-program.ts";
import { expectDelivered } from "./scenarios.ts";

const root = makeFolder();
const alone = path.join(root, "alone");
const fetched = await fetchPackages("webpack@5");

describe("bundled by webpack, alone in a folder", () => {
  if ("why" in fetched) {
    test.skip(`not run: ${fetched.why}`);
    return;
  }

  beforeAll(async () => {
    const { folder } = await install(await pack(root), path.join(root, "app"));
    mkdirSync(alone);
    const script = path.join(folder, "build.cjs");
    const options = ["log.mjs", "log.cjs"].map((program) => ({
      mode: "production",
      target: "node20",
      context: folder,
      entry: `./${program}`,
      output: { path: alone, filename: `${program}.cjs` },
    }));
    const webpack = path.join(fetched.folder, "webpack");
    writeFileSync(
      script,
      `require(${JSON.stringify(webpack)})(${JSON.stringify(options)}, (error, stats) => {
        console.log(error ?? stats.toString({ all: false, errors: true, warnings: true }));
        process.exitCode = error || stats.hasErrors() ? 1 : 0;
      });`,
    );
    const built = await runProgram(process.execPath, [script], folder);
    expect(built).toMatchObject({ code: 0 });
    expect(built.stdout.trim()).toBe("");
    renameSync(folder, path.join(root, "gone"));
  }, 120_000);
  afterAll(() => remove(root));

  describe.each(["log.mjs", "log.cjs"])("%s", (program) => {
    test.each(["sync", "exit"])("delivers: %s", async (mode) => {
      const file = path.join(alone, `${program}.cjs`);
      expect(existsSync(file)).toBe(true);
      const log = `${file}.${mode}.log`;
      const outcome = await runProgram(process.execPath, [file, log, mode], alone);
      expectDelivered(outcome, log);
    });
  });
});
