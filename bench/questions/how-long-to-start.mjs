// Question: what does a logger add to the start of a program?
//
// Held fixed: a fresh process, its files in the page cache, one file sink, one record right after creation. *on the
// thread*: importing the package and creating the logger, until both have returned. *first line*: from the beginning
// of the import until an outside process sees the line. *after a kill*: the same, and a program that was killed has left
// 64 MiB of frames for the same log, which the worker delivers first.
//
// What would mislead: a process that has already loaded what the contender needs (the harness loads only node:fs and
// this file before the clock starts); waiting until a worker is up before logging, which no program does. The first
// round fills the page cache and is as slow as a first start after a reboot: medians leave it out.

import { contenders, loadContender } from "../contenders/contenders.mjs";
import { interval } from "../harness/intervals.mjs";
import { sharedClockNs } from "../harness/turns.mjs";
import { verify } from "../harness/verify.mjs";
import { compile } from "../shapes/compile.mjs";

const TRANSPORT = "pino-transport";
const TIMES_AS_LONG = 1.5;
const START = "start";
const AFTER_KILL = "after a kill";
const LEFT_BYTES = 64 * 1024 * 1024;
const LATER_MS = 50;

const shape = { name: "numbered", fields: "{ n: i }", message: '"up"', keys: ["n"], text: /^up$/ };

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "how-long-to-start",
  title: "What does it add to the start of a program?",
  contenders: ["ours", TRANSPORT],
  cases: [START, AFTER_KILL],
  runs: { full: 15, quick: 5 },
  settings: { full: {}, quick: {} },
  timeoutMs: 30_000,
  observeEveryMs: 0.2,
  measure,
  withSeen,
  judge,
};

async function measure({ contender: name, case: of, path }) {
  if (of === AFTER_KILL && name !== "ours") return { metrics: {}, problems: [] };
  // Loaded only here: what the clock measures would find it loaded.
  const left =
    of === AFTER_KILL
      ? await (await import("../harness/leave-frames.mjs")).leaveFrames({ path, shape: "fields4", bytes: LEFT_BYTES })
      : undefined;
  const { batch } = compile(shape, contenders[name].dialect, name);
  const begunNs = sharedClockNs();
  const start = performance.now();
  const { create } = await loadContender(name);
  const imported = performance.now();
  const contender = create({ path, level: "info" });
  const created = performance.now();
  batch(contender.log, 0, 1);
  const called = performance.now();

  await contender.ready;
  await contender.flush();
  await contender.close();
  // And what was left, and the line that says so.
  const { problems } = verify({ contender, path, expected: left === undefined ? 1 : left.calls + 2 });
  return {
    metrics: {
      importMs: imported - start,
      createMs: created - imported,
      threadMs: created - start,
      calledMs: called - start,
    },
    problems,
    stamps: [[0, begunNs]],
  };
}

function withSeen({ metrics, problems, stamps }, seen) {
  if (stamps === undefined) return { metrics, problems };
  const [[n, at]] = stamps;
  const visible = new Map(seen).get(n);
  if (visible === undefined) return { metrics, problems: ["the observer never saw the line"] };
  return { metrics: { ...metrics, firstLineMs: (visible - at) / 1e6 }, problems };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const rows = [...(runs.cases.includes(START) ? startRows(runs) : []), ...laterRows(runs)];
  return { rows };
}

/** How much later the first call returns when there is something to recover. */
function laterRows(runs) {
  const usual = runs.byRound("ours", START, "calledMs");
  const later = [...runs.byRound("ours", AFTER_KILL, "calledMs")]
    .filter(([round]) => usual.has(round))
    .map(([round, ms]) => ms - usual.get(round));
  if (later.length === 0) return [];
  const row = runs.row({ label: "first call after a kill, later by", unit: "ms", case: AFTER_KILL, metric: "none" });
  return [runs.bounded({ ...row, values: { ours: interval(later) } }, { atMost: LATER_MS })];
}

function startRows(runs) {
  const row = (label, metric, target) =>
    runs.row({ label, unit: "ms", case: START, metric, against: { [TRANSPORT]: target } });
  return [
    row("import", "importMs"),
    row("create", "createMs"),
    row("import and create, on the thread", "threadMs", { atMost: TIMES_AS_LONG }),
    row("first line in the file", "firstLineMs", { atMost: TIMES_AS_LONG }),
  ];
}
