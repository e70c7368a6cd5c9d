// Runs one job in a process and a folder of its own, and clears up after it.

import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contenders } from "../contenders/contenders.mjs";
import { observe } from "./observe.mjs";

const ONE_RUN = fileURLToPath(new URL("./one-run.mjs", import.meta.url));
const KEPT_OF_STDERR = 2000;

/**
 * @param {import("./question.mjs").Question} question
 * @param {{ contender: string, case: string, settings: import("./question.mjs").Settings }} job
 * @param {{ folder?: string }} options  where the folders of the runs are made
 * @returns {Promise<import("./question.mjs").Measured>}
 */
export async function runOnce(question, job, { folder = tmpdir() } = {}) {
  const own = mkdtempSync(join(folder, "spillway-bench-"));
  const path = join(own, "out.log");
  try {
    const observer = question.observeEveryMs ? await observe(path, question.observeEveryMs) : undefined;
    const measured = await inProcess(question, { ...job, question: question.name, path });
    const seen = await observer?.end();
    return seen && question.withSeen && measured.problems.length === 0 ? question.withSeen(measured, seen) : measured;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function inProcess(question, job) {
  const toFile = contenders[job.contender].writes === "stdout";
  const stdout = toFile ? openSync(job.path, "a") : "ignore";
  const child = spawn(process.execPath, [...(question.nodeFlags ?? []), ONE_RUN, JSON.stringify(job)], {
    stdio: ["ignore", stdout, "pipe", "pipe"],
    // A flag of the caller's (a profiler, a loader) would be measured along.
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  if (typeof stdout === "number") closeSync(stdout);

  let answer = "";
  let errors = "";
  child.stdio[3].setEncoding("utf8").on("data", (text) => {
    answer += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-KEPT_OF_STDERR);
  });

  return new Promise((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, question.timeoutMs);
    child.once("error", (error) => resolve(failed(String(error))));
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (late) resolve(failed(`not finished after ${question.timeoutMs / 1000} s`));
      else if (answer === "") resolve(failed(`ended with ${signal ?? `code ${code}`} and no answer: ${errors.trim()}`));
      else resolve(JSON.parse(answer));
    });
  });
}

function failed(problem) {
  return { metrics: {}, problems: [problem] };
}
