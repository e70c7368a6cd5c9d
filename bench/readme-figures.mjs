// Fills the block between `<!-- figures -->` and `<!-- /figures -->` of the README from docs/results, so that no figure
// there is typed. `--check` answers with exit code 1 when the block is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const readme = fileURLToPath(new URL("README.md", root));
const BLOCK = /(<!-- figures -->\n)[\s\S]*?(<!-- \/figures -->)/;

const results = JSON.parse(readFileSync(new URL("docs/results/what-does-a-call-cost.json", root), "utf8"));
const text = readFileSync(readme, "utf8");
const filled = text.replace(BLOCK, (_, open, close) => `${open}${figures(results)}${close}`);

if (!process.argv.includes("--check")) writeFileSync(readme, filled);
else if (filled !== text) {
  console.error("README.md: the figures are stale; run: node bench/readme-figures.mjs");
  process.exitCode = 1;
}

/** One line per shape, paced load: the medians, and the ratio to the worker transport. */
function figures({ rows, environment, rounds }) {
  const lines = rows.filter((row) => row.label.endsWith("· paced")).map(line);
  return [
    "| shape | spillway, ns | pino + worker transport, ns | ratio (interval) |",
    "| --- | --: | --: | --: |",
    ...lines,
    "",
    `Net time inside the call, 50 calls a turn of the event loop; medians of ${rounds} alternating fresh processes.`,
    `${environment.cpu ?? environment.model ?? ""} ${environment.cores} cores, Node ${environment.node}, commit ${String(environment.commit).slice(0, 12)}.`.trim(),
    "",
  ].join("\n");
}

function line(row) {
  const ratio = row.comparisons.find((comparison) => comparison.to === "pino-transport")?.ratio;
  const ns = (contender) => Math.round(row.values[contender]?.median ?? Number.NaN).toLocaleString("en");
  const interval =
    ratio === undefined ? "" : `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`;
  return `| ${row.label.replace(" · paced", "")} | ${ns("ours")} | ${ns("pino-transport")} | ${interval} |`;
}
