// The process whose main thread is busy. Started by main.mjs, which sees signals for it.
import { existsSync, mkdirSync, mkdtempSync, writeSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { UsageError } from "./arguments.mjs";
import { AT, Counters } from "./counters.mjs";
import { chooseFolder, listForJob } from "./folder.mjs";
import { Job } from "./job.mjs";
import { LineCounter } from "./line-counter.mjs";
import { openLogger } from "./loggers.mjs";
import { Meter } from "./meter.mjs";
import { summarize, verdictLines } from "./verdict.mjs";
import { verify } from "./verify.mjs";
import { count, say, size } from "./words.mjs";

const { options, terminal, controlFd } = JSON.parse(process.argv[2]);
// Live lines are progress, the verdict is the result: with --json only the result goes to stdout.
const liveFd = options.json ? 2 : 1;
const paint = painter(terminal.isColored && !options.json);

// ^C in a terminal reaches this process too. The parent's word, through the watching thread, is the one that counts.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  say(writeSync, 2, `${isUsage ? `demo: ${error.message}` : error.stack}\n`);
  process.exitCode = isUsage ? 2 : 1;
}

async function main() {
  const folder = chooseFolder(options.folder);
  const list = listForJob(folder);
  const path = freshLogPath(options.out);
  say(writeSync, liveFd, introduction(folder, list, path));

  const counters = new Counters();
  const logger = await openLogger(options.logger, path);
  const meter = new Meter(counters);
  const watcher = await startWatcher(counters, path);

  const job = new Job({ log: logger.log, meter, counters, ringBytes: logger.ringBytes });
  const turns = countTurns();
  startClock(counters, list);
  counters.phase = "working";
  const run = job.run(list.files);
  // Still the same turn: what can be read now got there while this thread was busy.
  const visible = linesOf(path);
  const turned = turns();

  counters.phase = "flushing";
  await logger.flush();
  counters.phase = "checking";
  const check = verify(path, run.records);
  const accounts = logger.accounts();
  await logger.close();
  counters.phase = "done";
  await watcher.ended;

  const { numbers } = counters;
  const counted = { files: numbers[AT.files], bytes: numbers[AT.bytes], errors: numbers[AT.errors] };
  const summary = summarize({
    options,
    folder,
    list,
    counted,
    run,
    meter: meter.results(),
    check,
    visible,
    turns: turned,
    accounts,
    stop: counters.stop,
    path,
  });
  say(
    writeSync,
    1,
    options.json ? `${JSON.stringify(summary, null, 2)}\n` : `${verdictLines(summary, paint).join("\n")}\n`,
  );
  return summary.exitCode;
}

function freshLogPath(out) {
  const parent = resolve(out);
  try {
    // Not recursive: below some mounts (/proc) that never returns.
    if (!existsSync(parent)) mkdirSync(parent);
    return join(mkdtempSync(join(parent, "demo-")), "demo.log");
  } catch (error) {
    throw new UsageError(`no log can be written below ${parent} (${error.code})`, "Choose another place: --out FOLDER");
  }
}

function introduction(folder, list, path) {
  const shown = relative(process.cwd(), path);
  return [
    paint.bold("Spillway demo: the main thread is kept busy, every step is logged, then every record is looked for."),
    `  reads     ${folder}: ${count(list.files.length)} files, ${size(list.bytes)}; sha256, gzip, brotli, chunks; at most ${options.seconds} s`,
    `  logs      each step and each error of it, through ${options.logger}, while the event loop stands still`,
    `  to        ${path}`,
    `  follow    tail -f ${shown.startsWith("..") ? path : shown}`,
    "  stop      ^C: the job stops, what was logged is flushed and checked",
    "",
    "",
  ].join("\n");
}

/** Resolves when the thread runs, to the promise of its end (in an object, or both would be awaited as one). */
async function startWatcher(counters, path) {
  const worker = new Worker(new URL("./watcher.mjs", import.meta.url), {
    workerData: {
      buffer: counters.buffer,
      path,
      fd: liveFd,
      controlFd,
      inPlace: terminal.isInPlace,
      columns: terminal.columns,
    },
  });
  const ended = new Promise((done, fail) => {
    worker.once("exit", done);
    worker.once("error", fail);
  });
  await new Promise((done, fail) => {
    worker.once("online", done);
    worker.once("error", fail);
  });
  return { ended };
}

function startClock(counters, list) {
  const { numbers } = counters;
  numbers[AT.filesAll] = list.files.length;
  numbers[AT.bytesAll] = list.bytes;
  numbers[AT.startedAt] = Date.now();
  numbers[AT.deadlineAt] = numbers[AT.startedAt] + options.seconds * 1000;
}

/** Counts turns of the event loop from now on. The answer shows that the job gave way to nobody. */
function countTurns() {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  return () => {
    clearImmediate(next);
    return turns;
  };
}

function linesOf(path) {
  const counter = new LineCounter(path);
  counter.look();
  counter.close();
  return counter.lines;
}

function painter(isColored) {
  const style = (code) => (isColored ? (text) => `\x1b[${code}m${text}\x1b[0m` : (text) => text);
  return { bold: style(1), good: style("1;32"), bad: style("1;31") };
}
