// @ts-check
/** `npm run build`: the compiler over all packages, then the bundle people install. */
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { ROOT, run, toolScript } from "./workspace.mjs";

const BUNDLER = "packages/spillway/build/bundle.mjs";

/** What a build reads, inside each package. Tests are left out: changing one makes nothing stale. */
const INPUTS = ["src", "build", "package.json", "tsconfig.json"];

/** @returns {Promise<import("./workspace.mjs").Outcome>} */
export async function build() {
  const compiled = await run(process.execPath, [toolScript("tsc"), "-b"]);
  if (!compiled.ok || !existsSync(path.join(ROOT, BUNDLER))) return compiled;
  const bundled = await run(process.execPath, [BUNDLER]);
  return { ok: bundled.ok, output: compiled.output + bundled.output };
}

/**
 * Whether the bundle is missing, or older than something it is made from.
 *
 * @param {string} [root]
 */
export function buildDue(root = ROOT) {
  const built = newest(path.join(root, "packages/spillway/dist"));
  if (built === 0) return true;
  const packages = path.join(root, "packages");
  return readdirSync(packages).some((name) => INPUTS.some((input) => newest(path.join(packages, name, input)) > built));
}

export async function ensureBuilt() {
  if (!buildDue()) return;
  console.log("building ...");
  const { ok, output } = await build();
  if (ok) return;
  console.error(output);
  console.error("The build failed. The messages above say where; `npm run build` repeats it.");
  process.exit(1);
}

/**
 * When the youngest file at or below `place` was written; 0 when there is none.
 *
 * @param {string} place
 * @returns {number}
 */
function newest(place) {
  const found = statSync(place, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(place).map((name) => newest(path.join(place, name))));
}

if (process.argv[1] === import.meta.filename) {
  const { ok, output } = await build();
  if (output) console.log(output.trimEnd());
  if (!ok) process.exitCode = 1;
}
