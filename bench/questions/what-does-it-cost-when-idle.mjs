// Question: what does a logger cost a process that hardly logs?
//
// Held fixed: code warmed up by 20,000 records that were flushed. *idle*: 5 s after the last record, the processor
// time of the whole process (all threads) over 5 s, as a share of one core; then one record, and when an outside
// process sees its line. *every 10 ms* and *every 5 s*: one call, the thread asleep in between; the time inside each.
// A thread that has slept finds its caches cold and its core clocked down, whatever it does: every other time it
// wakes it calls a logger that does nothing, and that row says how much of the figure is not the contender's.
//
// What would mislead: looking right after the last record (a worker may still nap in short waits, and is allowed to);
// a spinning main thread (wakes are cheap then); only bursts, in which a sleeping worker is woken once for all.

import { contenders, loadContender } from "../contenders/contenders.mjs";
import { quantile } from "../harness/intervals.mjs";
import { sharedClockNs, sleep } from "../harness/turns.mjs";
import { verify } from "../harness/verify.mjs";
import { compile } from "../shapes/compile.mjs";
import { hollow } from "../shapes/hollow.mjs";

const TRANSPORT = "pino-transport";
const IDLE_PERCENT = 1;
const FIRST_RECORD_MS = 5;
const EVERY_10_MS_US = 3;
const EVERY_5_S_US = 80;

const shape = { name: "numbered", fields: "{ n: i }", message: '"once in a while"', keys: ["n"], text: /^once/ };

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "what-does-it-cost-when-idle",
  title: "What does it cost a process that hardly logs?",
  contenders: ["ours", TRANSPORT],
  cases: ["idle", "every 10 ms", "every 5 s"],
  runs: { full: 5, quick: 3 },
  settings: {
    full: { warmUp: 20_000, restMs: 5000, lookMs: 5000, frequentCalls: 500, rareCalls: 4, rareEveryMs: 5000 },
    quick: { warmUp: 20_000, restMs: 3000, lookMs: 2000, frequentCalls: 200, rareCalls: 1, rareEveryMs: 5000 },
  },
  timeoutMs: 120_000,
  observeEveryMs: 0.2,
  measure,
  withSeen,
  judge,
};

async function measure({ contender: name, case: of, path, settings }) {
  const { create } = await loadContender(name);
  const contender = create({ path, level: "info" });
  await contender.ready;
  const call = oneCall(compile(shape, contenders[name].dialect, name), contender.log);
  const nothing = oneCall(compile(shape, "pino", "nobody"), hollow);
  // In single calls, as it is measured: a loop over 20,000 would be compiled as such.
  for (let n = 0; n < settings.warmUp; n++) {
    nothing(n);
    call(n);
  }
  await contender.flush();

  const { metrics, calls, stamps } = await (of === "idle"
    ? idle(call, settings)
    : sparse(call, nothing, settings, of === "every 10 ms" ? frequently(settings) : rarely(settings)));

  await contender.flush();
  const accounts = contender.accounts?.();
  await contender.close();
  const { problems } = verify({ contender, path, expected: settings.warmUp + calls, accounts });
  return { metrics, problems, stamps };
}

/** A call with the clock around it: microseconds. */
function oneCall({ batch }, log) {
  return (n) => {
    const start = performance.now();
    batch(log, n, 1);
    return (performance.now() - start) * 1000;
  };
}

async function idle(call, { warmUp, restMs, lookMs }) {
  await sleep(restMs);
  const before = process.cpuUsage();
  const start = performance.now();
  await sleep(lookMs);
  const used = process.cpuUsage(before);
  const elapsedUs = (performance.now() - start) * 1000;
  const stamps = [[warmUp, sharedClockNs()]];
  call(warmUp);
  await sleep(100);
  return { metrics: { cpuPercent: ((used.user + used.system) / elapsedUs) * 100 }, calls: 1, stamps };
}

const frequently = ({ frequentCalls }) => ({ calls: frequentCalls, everyMs: 10 });
const rarely = ({ rareCalls, rareEveryMs }) => ({ calls: rareCalls, everyMs: rareEveryMs });

/** Half of the gap before each of the two: the contender is called every `everyMs`. */
async function sparse(call, nothing, { warmUp }, { calls, everyMs }) {
  const times = [];
  const cold = [];
  for (let n = 0; n < calls; n++) {
    await sleep(everyMs / 2);
    cold.push(nothing(n));
    await sleep(everyMs / 2);
    times.push(call(warmUp + n));
  }
  return {
    metrics: { p50: quantile(times, 0.5), p99: quantile(times, 0.99), nothingP50: quantile(cold, 0.5) },
    calls,
  };
}

function withSeen(measured, seen) {
  if (measured.stamps === undefined) return measured;
  const [[n, at]] = measured.stamps;
  const visible = new Map(seen).get(n);
  if (visible === undefined) return { ...measured, problems: ["the observer never saw the record after the rest"] };
  return { ...measured, metrics: { ...measured.metrics, firstRecordMs: (visible - at) / 1e6 } };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const against = { [TRANSPORT]: undefined };
  const row = (label, unit, of, metric, bound) => runs.row({ label, unit, case: of, metric, against, bound });
  return {
    rows: [
      row("processor, idle", "% of a core", "idle", "cpuPercent", { atMost: IDLE_PERCENT }),
      row("first record after idleness", "ms", "idle", "firstRecordMs", { atMost: FIRST_RECORD_MS }),
      row("a call every 10 ms, p50", "us", "every 10 ms", "p50", { atMost: EVERY_10_MS_US }),
      row("a call every 10 ms, p99", "us", "every 10 ms", "p99"),
      row("of that, p50: waking up and the clock", "us", "every 10 ms", "nothingP50"),
      row("a call every 5 s, p50", "us", "every 5 s", "p50", { atMost: EVERY_5_S_US }),
      row("of that: waking up and the clock", "us", "every 5 s", "nothingP50"),
    ].filter((one) => Object.keys(one.values).length > 0),
    notes: ["Times of calls include building the arguments and one reading of the clock (below 0.1 us when warm)."],
  };
}
