// @ts-check
/**
 * `npm test`: install, build, check, run every suite, and end with one line that sums it all up.
 *
 *   --long   also runs the campaigns (`*.long.test.ts`), without a limit of time
 *
 * With CI set in the environment, a suite that was skipped without an excuse in `may-skip.mjs` counts as failed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "./build.mjs";
import { install } from "./install.mjs";
import { MAY_SKIP } from "./may-skip.mjs";
import { describeSkips, Tally } from "./tally.mjs";
import { paint, ROOT, run, toolScript } from "./workspace.mjs";

/** The whole run has to fit in 15 minutes; what is left after the checks belongs to the suites. */
const LIMIT_MS = 14 * 60_000;

const isLong = process.argv.includes("--long");
const startedAt = performance.now();
const tally = new Tally();

const uninstalled = await install();
if (uninstalled === undefined) await runAll();
else tally.check(uninstalled, false);
report();

async function runAll() {
  const isBuilt = await check("build", build);
  await check("types of tests", () => tool("tsc", "-p", "packages/tooling/tsconfig.tests.json"));
  await check("lint", () => tool("biome", "check", "--error-on-warnings", "--max-diagnostics=50", "."));
  await check("package boundaries", () => tool("turbo", "boundaries"));
  await check("unused code", () => tool("knip", "--no-progress", "--no-config-hints"));
  await runSuites(isBuilt);
}

/**
 * One named check, shown as it runs; its output only when it failed.
 *
 * @param {string} name
 * @param {() => Promise<import("./workspace.mjs").Outcome>} step
 */
async function check(name, step) {
  const since = performance.now();
  const { ok, output } = await step();
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(`${ok ? paint("green", "ok    ") : paint("red", "FAILED")} ${name} ${paint("dim", `${seconds} s`)}`);
  if (!ok) console.log(`${output.trimEnd()}\n`);
  tally.check(name, ok);
  return ok;
}

/** @param {Parameters<typeof toolScript>[0]} name @param {string[]} args */
function tool(name, ...args) {
  return run(process.execPath, [toolScript(name), ...args]);
}

/** @param {boolean} isBuilt */
async function runSuites(isBuilt) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "spillway-tally-"));
  const tallyFile = path.join(folder, "tally.json");
  const args = [
    toolScript("vitest"),
    "run",
    "--config=packages/tooling/vitest.config.ts",
    "--reporter=default",
    "--reporter=packages/tooling/run/tally-reporter.mjs",
  ];
  const elapsedMs = performance.now() - startedAt;
  const { ok, output } = await run(process.execPath, args, {
    show: true,
    env: {
      SPILLWAY_TALLY: tallyFile,
      // Suites that use the bundle would test the last one that could be built; vitest.config.ts leaves them out.
      SPILLWAY_BUILT: isBuilt ? "1" : "0",
      ...(isLong ? { SPILLWAY_LONG: "1" } : {}),
    },
    ...(isLong ? {} : { timeoutMs: LIMIT_MS - elapsedMs }),
  });

  if (existsSync(tallyFile)) {
    const suites = JSON.parse(readFileSync(tallyFile, "utf8"));
    tally.add(suites);
    // vitest knows reasons to fail that belong to no test.
    if (!ok && suites.failed === 0) tally.check("vitest ended with an error of its own", false);
  } else {
    tally.check(`vitest ended without a result ${output.trim()}`, false);
  }
  if (!isBuilt) tally.skipped.push({ file: "packages/spillway, bench", name: "all suites", why: "the build failed" });
  rmSync(folder, { recursive: true, force: true });
}

function report() {
  if (process.env["CI"]) tally.refuseSkips(MAY_SKIP);

  console.log("");
  if (tally.skipped.length > 0) {
    console.log(paint("yellow", `SKIPPED (${tally.skipped.length}):`));
    for (const line of describeSkips(tally.skipped)) console.log(`  ${line}`);
  }
  if (!isLong) console.log(paint("dim", "campaigns (*.long.test.ts) run with npm run test:long only"));
  const named = tally.failures.filter((name) => name !== Tally.UNNAMED);
  if (named.length > 0) {
    console.log(paint("red", "FAILED, besides tests:"));
    for (const name of named) console.log(`  ${name}`);
  }
  console.log(paint("dim", `${Math.round((performance.now() - startedAt) / 1000)} s in ${path.basename(ROOT)}`));
  if (tally.failed > 0) process.exitCode = 1;
  console.log(tally.lastLine);
}
