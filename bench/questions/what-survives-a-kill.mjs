// Question: what is in the file of what a program has logged, when the program is gone?
//
// Held fixed: two-field records. *burst*: 50,000 of them in one turn of the event loop, then the end. *paced*: 50 each
// millisecond, SIGKILL from outside at a random moment. Lost = calls that had returned, less the records found; a
// program notes its calls in a file of its own, after each turn. Where a contender has a way to recover what a dead
// program left (ours: recoverAll), it is used, because whoever starts the program again gets it by itself.
//
// What would mislead: only bursts (no program is killed in the turn in which it logs 50,000 records, most of the time);
// only a slow pace (a worker that keeps up has lost nothing yet); counting lines, of which some may be there twice.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sleep } from "../harness/turns.mjs";

const VICTIM = fileURLToPath(new URL("../harness/victim.mjs", import.meta.url));
const PACED = "paced, SIGKILL";
const CASES = [
  "burst, end",
  "burst, process.exit",
  "burst, throw",
  "burst, SIGTERM",
  "burst, SIGKILL",
  "burst, abort",
  "burst, heap",
  PACED,
];

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "what-survives-a-kill",
  title: "What survives when the program is killed?",
  contenders: ["ours", "pino-sync", "pino-async", "pino-transport", "winston"],
  cases: CASES,
  runs: { full: 5, quick: 2 },
  settings: {
    full: { records: 50_000, perMs: 50, leastMs: 200, mostMs: 1200 },
    quick: { records: 50_000, perMs: 50, leastMs: 200, mostMs: 600 },
  },
  timeoutMs: 120_000,
  measure,
  judge,
};

async function measure({ contender, case: of, path, settings }) {
  const noted = `${path}.noted`;
  writeFileSync(noted, Buffer.alloc(4));
  const nodeArgs = of.endsWith("heap") ? ["--max-old-space-size=64"] : [];
  const job = { contender, end: of.split(", ")[1], isPaced: of === PACED, path, noted, settings };
  const child = spawn(process.execPath, [...nodeArgs, VICTIM, JSON.stringify(job)], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
  if (job.isPaced) {
    while (logged(noted) === 0 && child.exitCode === null) await sleep(5);
    await sleep(settings.leastMs + Math.random() * (settings.mostMs - settings.leastMs));
    child.kill("SIGKILL");
  }
  const end = await ended;
  const calls = logged(noted);
  if (contender === "ours") {
    const { recoverAll } = await import("spillway");
    recoverAll(path);
  }
  const { found, again, torn } = count(path);
  return {
    metrics: { calls, found, lost: Math.max(0, calls - found), wrong: again + torn },
    problems: calls === 0 ? [`the program logged nothing, and ended with ${end}`] : [],
  };
}

function logged(noted) {
  return readFileSync(noted).readInt32LE(0);
}

function count(path) {
  const seen = new Set();
  let again = 0;
  let torn = 0;
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [""];
  if (lines.pop() !== "") torn++;
  for (const line of lines) {
    try {
      const { n } = JSON.parse(line);
      if (n === undefined) continue;
      if (seen.has(n)) again++;
      seen.add(n);
    } catch {
      torn++;
    }
  }
  return { found: seen.size, again, torn };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const row = (label, of, metric, bound) => runs.row({ label, unit: "records", case: of, metric, bound });
  return {
    rows: runs.cases.flatMap((of) => [
      row(`${of}: lost`, of, "lost", { atMost: 0 }),
      row(`${of}: twice or torn`, of, "wrong", { atMost: 0 }),
    ]),
    notes: [
      `In bursts each program has logged ${question.settings.full.records} records; paced, as many as it had come to.`,
    ],
  };
}
