#!/usr/bin/env node
// Asks a question of the contenders: node bench/run.mjs QUESTION [--help]

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { HELP, readArguments, UsageError } from "./harness/arguments.mjs";
import { ask } from "./harness/ask.mjs";
import { progressOn } from "./harness/progress.mjs";
import { report, verdicts } from "./harness/report.mjs";

const RESULTS = fileURLToPath(new URL("../docs/results/", import.meta.url));

const PASSED = 0;
const MISSED = 1;
const USAGE = 2;
const INVALID = 3;

process.exitCode = await main();

async function main() {
  let request;
  try {
    request = await readArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nSee node bench/run.mjs --help\n`);
    return USAGE;
  }
  if (request.help) {
    process.stdout.write(HELP);
    return PASSED;
  }
  let worst = PASSED;
  for (const { question, plan, keep } of request.asked) {
    const result = await ask(question, plan, progressOn(process.stderr));
    report(result, request.json === "-" ? process.stderr : process.stdout);
    save(result, request.json ?? (keep ? `${RESULTS}${question.name}.json` : undefined));
    worst = Math.max(worst, status(result));
  }
  return worst;
}

function save(result, target) {
  const text = `${JSON.stringify(result, null, 1)}\n`;
  if (target === "-") process.stdout.write(text);
  else if (target === undefined) process.stderr.write("Not kept: name a file with --json to keep it.\n");
  else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

function status(result) {
  if (result.invalid.length > 0) return INVALID;
  return verdicts(result).some(({ verdict }) => verdict === "fail") ? MISSED : PASSED;
}
