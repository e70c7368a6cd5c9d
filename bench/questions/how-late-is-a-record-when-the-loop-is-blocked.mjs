// Question: when the main thread computes for seconds without returning to the event loop, when does somebody
// outside see what it logs meanwhile?
//
// Held fixed: a record each 10 ms during 3 s in which the thread does nothing but compute and log, after a warm-up
// that was flushed. A process of its own looks at the file every 0.2 ms and notes when each line appears; both
// clocks are CLOCK_MONOTONIC. Delay = line visible - call begun.
//
// What would mislead: an observer in the same process (its loop is blocked too); a main thread that sleeps instead of
// computing (the event loop then runs). The observer takes a few per cent of a core; with two cores it competes with
// the contender's worker, so delays are upper bounds.

import { contenders, loadContender } from "../contenders/contenders.mjs";
import { interval, quantile } from "../harness/intervals.mjs";
import { sharedClockNs, spinUntil } from "../harness/turns.mjs";
import { verify } from "../harness/verify.mjs";
import { compile } from "../shapes/compile.mjs";

const TRANSPORT = "pino-transport";
const P50_MS = 2;
const MAX_MS = 20;

const shape = { name: "numbered", fields: "{ n: i }", message: '"still computing"', keys: ["n"], text: /^still/ };

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "how-late-is-a-record-when-the-loop-is-blocked",
  title: "How late is a record when the event loop is blocked?",
  contenders: ["ours", TRANSPORT, "pino-sync"],
  cases: ["blocked"],
  runs: { full: 5, quick: 3 },
  settings: {
    full: { blockedMs: 3000, everyMs: 10, warmUp: 5000 },
    quick: { blockedMs: 1500, everyMs: 10, warmUp: 5000 },
  },
  timeoutMs: 60_000,
  observeEveryMs: 0.2,
  measure,
  withSeen,
  judge,
};

async function measure({ contender: name, path, settings }) {
  const { blockedMs, everyMs, warmUp } = settings;
  const { create } = await loadContender(name);
  const contender = create({ path, level: "info" });
  await contender.ready;
  const { batch } = compile(shape, contenders[name].dialect, name);
  batch(contender.log, 0, warmUp);
  await contender.flush();

  const stamps = [];
  const start = performance.now();
  for (let n = warmUp, due = start; due < start + blockedMs; n++, due += everyMs) {
    spinUntil(due);
    stamps.push([n, sharedClockNs()]);
    batch(contender.log, n, 1);
  }
  spinUntil(start + blockedMs);

  await contender.flush();
  const accounts = contender.accounts?.();
  await contender.close();
  const { problems } = verify({ contender, path, expected: warmUp + stamps.length, accounts });
  return { metrics: {}, problems, stamps };
}

function withSeen({ stamps = [], problems }, seen) {
  const seenAt = new Map(seen);
  const delays = stamps.filter(([n]) => seenAt.has(n)).map(([n, at]) => (seenAt.get(n) - at) / 1e6);
  const unseen = stamps.length - delays.length;
  return {
    metrics: {
      p50: quantile(delays, 0.5),
      p99: quantile(delays, 0.99),
      max: quantile(delays, 1),
    },
    problems: unseen === 0 ? problems : [...problems, `the observer never saw ${unseen} records`],
  };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const row = (metric, bound) =>
    runs.row({
      label: `delay ${metric}`,
      unit: "ms",
      case: "blocked",
      metric,
      bound,
      against: { [TRANSPORT]: undefined },
    });
  const worst = runs.contenders.map((contender) => {
    const all = [...runs.byRound(contender, "blocked", "max").values()];
    return [contender, interval(all)?.high ?? ""];
  });
  return {
    rows: [row("p50", { atMost: P50_MS }), row("p99"), row("max", { atMost: MAX_MS })],
    tables: [{ title: "The worst of all runs, ms", head: ["contender", "max"], rows: worst }],
  };
}
