/**
 * One configuration for all suites; every package with a `test` folder is a project of its own name, so that
 * `vitest run --config packages/tooling/vitest.config.ts --project ring` runs one of them.
 */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../..", import.meta.url));
const isLong = process.env["SPILLWAY_LONG"] === "1";

/** These test what people install, so they need the bundle. run/test.mjs says when it could not be built. */
const needBundle = ["spillway", "cli", "bench"];
const isBuilt = process.env["SPILLWAY_BUILT"] !== "0";

const folders = [...readdirSync(path.join(root, "packages")).map((name) => `packages/${name}`), "bench"]
  .filter((folder) => folder === "bench" || existsSync(path.join(root, folder, "test")))
  .filter((folder) => isBuilt || !needBundle.includes(path.basename(folder)));

/**
 * Lower packages run from their sources: no build between an edit and its test, and stack traces that fit. vitest gives
 * these to Node as well, so "import" must not be among them: it would turn a test's `require` into an import.
 */
const conditions = ["@spillway/source", "node"];

export default defineConfig({
  root,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Crash and thread tests kill, fork and block; a worker process per file keeps that in one file.
    pool: "forks",
    isolate: true,
    // Two cores, and several suites start threads of their own: more workers would only wait for each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    passWithNoTests: true,
    restoreMocks: true,
    unstubEnvs: true,
    projects: folders.map((folder) => ({
      extends: true,
      root: path.join(root, folder),
      test: {
        name: path.basename(folder),
        // The benchmarks' programs are plain scripts, each part with its tests beside it.
        include: folder === "bench" ? ["**/test/**/*.test.{ts,mjs}"] : ["test/**/*.test.{ts,mjs}"],
        exclude: ["**/node_modules/**", ...(isLong ? [] : ["**/*.long.test.{ts,mjs}"])],
        // The bundle is loaded by Node itself, as in an app: vite must not transform what people install.
        server: { deps: { external: [/packages\/spillway\/dist\//] } },
      },
    })),
  },
});
