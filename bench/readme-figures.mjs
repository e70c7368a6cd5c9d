// Fills the blocks between `<!-- figures: QUESTION -->` and `<!-- /figures -->` of the README from docs/results, so that
// no figure there is typed. `--check` answers with exit code 1 when a block is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const readme = fileURLToPath(new URL("README.md", root));
const BLOCK = /(<!-- figures: (\S+) -->\n)[\s\S]*?(<!-- \/figures -->)/g;

/** @type {Record<string, (results: any) => string[]>} */
const TABLES = { "what-does-a-call-cost": callCost, "what-survives-a-kill": survival };

const text = readFileSync(readme, "utf8");
const filled = text.replace(BLOCK, (_, open, question, close) => `${open}${figures(question)}${close}`);

if (!process.argv.includes("--check")) writeFileSync(readme, filled);
else if (filled !== text) {
  console.error("README.md: the figures are stale; run: node bench/readme-figures.mjs");
  process.exitCode = 1;
}

function figures(question) {
  const file = new URL(`docs/results/${question}.json`, root);
  if (!existsSync(file)) throw new Error(`README.md: docs/results has no answer to ${question}`);
  const results = JSON.parse(readFileSync(file, "utf8"));
  const { cpu, cores, node, commit } = results.environment;
  const where = `${cpu}, ${cores} cores, Node ${node}, commit ${String(commit).slice(0, 12)}.`;
  return [...TABLES[question](results), where, ""].join("\n");
}

/** One line per shape, paced load: the medians, and the ratio to the worker transport. */
function callCost({ rows, rounds }) {
  return [
    "| shape | spillway, ns | pino + worker transport, ns | ratio (interval) |",
    "| --- | --: | --: | --: |",
    ...rows.filter((row) => row.label.endsWith("· paced")).map(costLine),
    "",
    `Net time inside the call, 50 calls a turn of the event loop; medians of ${rounds} alternating fresh processes.`,
  ];
}

function costLine(row) {
  const ratio = row.comparisons.find((comparison) => comparison.to === "pino-transport")?.ratio;
  const interval =
    ratio === undefined ? "" : `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`;
  const values = ["ours", "pino-transport"].map((contender) => whole(row.values[contender]?.median));
  return `| ${row.label.replace(" · paced", "")} | ${values.join(" | ")} | ${interval} |`;
}

/** One line per end: how many records each contender has lost. */
function survival({ rows, rounds, contenders }) {
  const wrong = rows.filter((row) => !row.label.endsWith(": lost"));
  const isClean = wrong.every(({ values }) => Object.values(values).every(({ high }) => high === 0));
  return [
    `| the program's end | ${contenders.map((name) => name.replace("ours", "spillway").replace("-", " ")).join(" | ")} |`,
    `| --- |${" --: |".repeat(contenders.length)}`,
    ...rows.filter((row) => row.label.endsWith(": lost")).map((row) => survivalLine(row, contenders)),
    "",
    `Records lost, medians of ${rounds} programs each; ${isClean ? "none" : "some"} twice or torn. Bursts are 50,000 records in one turn of the event loop.`,
  ];
}

function survivalLine(row, contenders) {
  return `| ${row.label.replace(": lost", "")} | ${contenders.map((name) => whole(row.values[name]?.median)).join(" | ")} |`;
}

function whole(value) {
  return value === undefined ? "" : Math.round(value).toLocaleString("en");
}
