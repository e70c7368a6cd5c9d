// Question: how many critical records a second can be made durable?
//
// Held fixed: a write-ahead log in the run's own folder, records of 200 bytes. *64 waiters*: 64 loops, each appends a
// record, waits until it is durable, and appends the next. *1 waiter*: one such loop. *sync*: append and syncNow, which
// blocks. After the run everything is read back and counted. *the disk alone*: writes of 200 bytes to the end of a file
// of its own, each with an fdatasync, in the same process right before: what a commit without a group costs here.
//
// What would mislead: a folder in memory (tmpfs), where a sync costs nothing: --folder chooses another one; a disk with a
// cache that survives the power, or that lies about it; another load on the same disk, which the row of the disk alone
// shows.

import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { openWal, readWal } from "@spillway/spill";
import { quantile } from "../harness/intervals.mjs";

const COMMITS_PER_SECOND = 5000;
const RECORD = Buffer.alloc(200, "r");
const WAITERS = { "64 waiters": 64, "1 waiter": 1, sync: 0 };

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "how-fast-is-a-durable-commit",
  title: "How many critical records a second can be made durable?",
  contenders: ["ours"],
  cases: Object.keys(WAITERS),
  runs: { full: 5, quick: 3 },
  settings: { full: { forMs: 5000, alone: 500 }, quick: { forMs: 1500, alone: 200 } },
  timeoutMs: 60_000,
  measure,
  judge,
};

async function measure({ case: of, path, settings: { forMs, alone } }) {
  const disk = theDiskAlone(`${path}.alone`, alone);
  const wal = openWal(`${path}.wal`);
  const times = [];
  const start = performance.now();
  const end = start + forMs;
  if (WAITERS[of] === 0) blocking(wal, end, times);
  else await Promise.all(Array.from({ length: WAITERS[of] }, () => waiting(wal, end, times)));
  const seconds = (performance.now() - start) / 1000;
  await wal.close();

  const reading = readWal(`${path}.wal`, { mode: "absolute" });
  let found = 0;
  for (const { payload } of reading) if (payload.equals(RECORD)) found++;
  const problems =
    found === times.length ? [] : [`${times.length} records were told to be durable, ${found} are there`];
  return {
    metrics: {
      commits: times.length / seconds,
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      disk: 1000 / quantile(disk, 0.5),
    },
    problems,
  };
}

function blocking(wal, end, times) {
  for (let now = performance.now(); now < end; ) {
    wal.append(1, RECORD);
    wal.syncNow();
    const done = performance.now();
    times.push(done - now);
    now = done;
  }
}

async function waiting(wal, end, times) {
  for (let now = performance.now(); now < end; ) {
    wal.append(1, RECORD);
    await wal.durable();
    const done = performance.now();
    times.push(done - now);
    now = done;
  }
}

/** Milliseconds of each of `count` writes with a sync. */
function theDiskAlone(path, count) {
  const file = openSync(path, "w");
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    writeSync(file, RECORD);
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  return times;
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const row = (label, unit, of, metric, bound) => runs.row({ label, unit, case: of, metric, bound });
  const rows = Object.keys(WAITERS).flatMap((of) => [
    row(`commits, ${of}`, "/s", of, "commits", of === "64 waiters" ? { atLeast: COMMITS_PER_SECOND } : undefined),
    row(`one commit, ${of}, p50`, "ms", of, "p50"),
    row(`one commit, ${of}, p99`, "ms", of, "p99"),
    row(`the disk alone, before ${of}`, "/s", of, "disk"),
  ]);
  return { rows: rows.filter((one) => Object.keys(one.values).length > 0) };
}
