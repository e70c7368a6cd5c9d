// @ts-check
/**
 * `npm run test:crash`: kills processes that log, at random moments, and counts what is missing, doubled or torn after
 * recovery.
 *
 *   --runs N       processes killed while they log; default 200
 *   --seed S       of the first life; default: drawn, and printed
 *   --parallel P   at once; default 3
 *   --volume V     times as many records as usual; default 1
 *   --node PATH    the node that runs the programs; default: this one
 *   --json FILE    the totals, and every life that went wrong
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { ROOT } from "./workspace.mjs";

const PLACE = "packages/spillway/test/crash";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    parallel: { type: "string", default: "3" },
    volume: { type: "string", default: "1" },
    node: { type: "string" },
    json: { type: "string" },
  },
});

await ensureInstalled();
await ensureBuilt();
// By its path: the tooling depends on no package of the workspace.
const { runKillCampaign } = await import(pathToFileURL(path.join(ROOT, "packages/testkit/dist/index.js")).href);

const runs = Number(values.runs);
const seed = Number(values.seed);
const startedAt = performance.now();
console.error(`${runs} kills, seed ${seed}`);

const { totals, failures } = await runKillCampaign({
  runs,
  seed,
  parallel: Number(values.parallel),
  volume: Number(values.volume),
  ...(values.node !== undefined && { node: path.resolve(values.node) }),
  produces: path.join(ROOT, PLACE, "programs/produces.mjs"),
  recovers: path.join(ROOT, PLACE, "programs/recovers.mjs"),
  slowSink: pathToFileURL(path.join(ROOT, PLACE, "fixtures/slow-sink.mjs")).href,
  /**
   * @param {{ seed: number, folder: string | undefined, problems: readonly string[], steps: readonly unknown[] }} life
   * @param {{ runs: number, records: number, wrong: object }} soFar
   */
  onLife(life, soFar) {
    for (const problem of life.problems) console.error(`seed ${life.seed}, ${life.folder}: ${problem}`);
    if (life.problems.length > 0) console.error(`seed ${life.seed}: ${JSON.stringify(life.steps)}`);
    else console.error(`${soFar.runs} of ${runs} kills, ${soFar.records} records, ${JSON.stringify(soFar.wrong)}`);
  },
});

const seconds = Math.round((performance.now() - startedAt) / 1000);
const result = { seed, seconds, ...totals, failures };
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 1)}\n`);
console.log(
  `${totals.runs} kills, ${totals.killedRecoveries} killed recoveries, ${totals.records} records, ` +
    `${failures.length} lives went wrong ${JSON.stringify(totals.wrong)}, seed ${seed}, ${seconds} s`,
);
if (failures.length > 0) process.exitCode = 1;
