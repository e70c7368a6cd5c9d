// Question: how much memory does a burst take when nothing gets through to the sink?
//
// Held fixed: four-field records in turns of 1000 calls, into a file that is a FIFO whose reader does not read, so
// that the writer stands still after 64 KiB. Spillway drops what finds no room (`whenFull: "drop"`); pino has no such
// setting and keeps everything. Growth = highest resident size during the burst - resident size before it, after a
// garbage collection. Afterwards the reader wakes up and counts every line; the accounts must balance to the record.
//
// What would mislead: the heap alone (buffers and shared memory live outside of it); the end of the burst instead of
// its peak; accounts that balance because nobody compared them with what came out at the other end.

import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { contenders, loadContender } from "../contenders/contenders.mjs";
import { nextTurn } from "../harness/turns.mjs";
import { sum, wrongInAccounts } from "../harness/verify.mjs";
import { compile } from "../shapes/compile.mjs";
import { shapes } from "../shapes/shapes.mjs";

const TRANSPORT = "pino-transport";
const MIB = 2 ** 20;
const READER = fileURLToPath(new URL("../harness/stalled-reader.mjs", import.meta.url));

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "how-much-memory-in-a-burst",
  title: "How much memory does a burst take when the sink stands still?",
  contenders: ["ours", TRANSPORT],
  cases: ["stalled"],
  runs: { full: 3, quick: 2 },
  settings: {
    full: { records: 10_000_000, callsPerTurn: 1000, lookEveryTurns: 10 },
    quick: { records: 1_000_000, callsPerTurn: 1000, lookEveryTurns: 10 },
  },
  nodeFlags: ["--expose-gc"],
  timeoutMs: 300_000,
  measure,
  judge,
};

async function measure({ contender: name, path, settings }) {
  const { records, callsPerTurn, lookEveryTurns } = settings;
  execFileSync("mkfifo", [path]);
  const reader = await stalledReader(path);
  const { create } = await loadContender(name);
  const contender = create({ path, level: "info", whenFull: "drop" });
  const { batch } = compile(shapes.get("fields4"), contenders[name].dialect, name);
  await contender.ready;

  globalThis.gc();
  const before = process.memoryUsage.rss();
  let peak = before;
  let inside = 0;
  for (let i = 0, turn = 0; i < records; i += callsPerTurn, turn++) {
    const start = performance.now();
    batch(contender.log, i, Math.min(callsPerTurn, records - i));
    inside += performance.now() - start;
    if (turn % lookEveryTurns === 0) peak = Math.max(peak, process.memoryUsage.rss());
    await nextTurn();
  }
  peak = Math.max(peak, process.memoryUsage.rss());

  reader.read();
  await contender.flush();
  const accounts = contender.accounts?.();
  await contender.close();
  const lines = await reader.end();
  return {
    metrics: {
      growthMiB: (peak - before) / MIB,
      bytesPerRecord: (peak - before) / records,
      nsPerCall: (inside * 1e6) / records,
      lines,
      ...(accounts && { dropped: sum(accounts.dropped), accepted: accounts.accepted }),
    },
    problems: accounts ? wrong(accounts, records, lines) : unlessAllCameOut(records, lines),
  };
}

function unlessAllCameOut(records, lines) {
  return lines === records ? [] : [`${records} logged, ${lines} came out`];
}

function wrong(accounts, records, lines) {
  const problems = wrongInAccounts(accounts);
  if (accounts.logged !== records) problems.push(`accounts: ${accounts.logged} logged, ${records} calls made`);
  const delivered = accounts.sinks.out?.delivered;
  if (delivered !== lines) problems.push(`accounts: ${delivered} delivered, ${lines} came out of the sink`);
  return problems;
}

/** A process that holds the reading end and reads only when told to. */
async function stalledReader(path) {
  const child = spawn(process.execPath, [READER, path], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return {
    read: () => child.stdin.write("read\n"),
    end: () =>
      new Promise((resolve) => {
        child.once("close", () => resolve(Number(output.split("\n")[1])));
        child.stdin.end();
      }),
  };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const row = (label, unit, metric) =>
    runs.row({ label, unit, case: "stalled", metric, against: { [TRANSPORT]: undefined } });
  return {
    rows: [
      row("resident memory grew by", "MiB", "growthMiB"),
      row("for each record", "bytes", "bytesPerRecord"),
      row("the call, gross", "ns", "nsPerCall"),
      row("came out at last", "records", "lines"),
    ],
    notes: [
      "A run counts only when logged = accepted + dropped, accepted = delivered + quarantined + pending, and delivered is what the reader counted.",
    ],
  };
}
