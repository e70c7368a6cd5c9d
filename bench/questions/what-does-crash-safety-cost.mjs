// Question: what does it cost a log call that its record survives the process?
//
// Held fixed: the default ring and sink, the calls of what-does-a-call-cost, net of building their arguments; once with
// the ring in a file (the default), once with `crashSafety: false`. Compared are the least of the runs: both sides do
// the same work, and everything that comes on top of it is other people's. *spilling*: the sink cannot be opened, the
// ring is full, and each call appends its frame to the overflow; then the sink opens, and all is delivered.
//
// What would mislead: a call that is measured before its ring's pages are in memory (hence the warm-up); spilling calls
// that do not spill (the run is invalid unless overflow files hold them); a sink that takes nothing for a moment only.

import { unlinkSync } from "node:fs";
import { contenders, loadContender } from "../contenders/contenders.mjs";
import { interval } from "../harness/intervals.mjs";
import { inBursts, paced, single, TimedCalls } from "../harness/timed-calls.mjs";
import { verify } from "../harness/verify.mjs";
import { overflowBytes, shut } from "../harness/written.mjs";
import { compile } from "../shapes/compile.mjs";
import { hollow } from "../shapes/hollow.mjs";
import { shapes, whatIsWrong } from "../shapes/shapes.mjs";

const IN_MEMORY = "ours-in-memory";
const SPILLING = "spilling";
const LOADS = ["paced", "bursts"];
const TIMES_AS_MUCH = 1.1;
const SPILLING_NS = 10_000;

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "what-does-crash-safety-cost",
  title: "What does it cost a call that its record survives the process?",
  contenders: ["ours", IN_MEMORY],
  cases: ["constant", "fields4", "nested", "long", SPILLING],
  runs: { full: 5, quick: 3 },
  settings: {
    full: {
      warmUpBursts: 6,
      burst: 20_000,
      bursts: 8,
      turns: 1000,
      callsPerTurn: 50,
      msPerTurn: 1,
      spilled: 1_000_000,
    },
    quick: { warmUpBursts: 6, burst: 20_000, bursts: 3, turns: 300, callsPerTurn: 50, msPerTurn: 1, spilled: 300_000 },
  },
  timeoutMs: 120_000,
  measure,
  judge,
};

async function measure(job) {
  return job.case === SPILLING ? spilling(job) : calls(job);
}

async function calls({ contender: name, case: of, path: file, settings }) {
  const shape = shapes.get(of);
  const { create } = await loadContender(name);
  const contender = create({ path: file, level: "info" });
  const logged = new TimedCalls(compile(shape, contenders[name].dialect, name), shape, contender);
  const building = new TimedCalls(compile(shape, "pino", "nobody"), shape, {
    log: hollow,
    flush: () => Promise.resolve(),
  });
  const metrics = {};
  await inBursts(building, settings.warmUpBursts, settings.burst);
  await inBursts(logged, settings.warmUpBursts, settings.burst);
  for (const [load, run] of [
    ["bursts", (side) => inBursts(side, settings.bursts, settings.burst)],
    ["paced", (side) => paced(side, settings)],
  ]) {
    const built = await run(building);
    metrics[load] = (await run(logged)) - built;
  }
  await contender.flush();
  const accounts = contender.accounts();
  await contender.close();
  return { metrics, problems: verified(contender, file, shape, logged.made, accounts) };
}

/** Until all is logged the sink cannot be opened, and tries again and again. */
async function spilling({ contender: name, path: file, settings: { burst, callsPerTurn, spilled } }) {
  // Nothing spills without crash safety.
  if (name === IN_MEMORY) return { metrics: {}, problems: [] };
  const shape = shapes.get("fields4");
  shut(file);
  const { create } = await loadContender(name);
  const contender = create({ path: file, level: "info", whenFull: "spill" });
  const logged = new TimedCalls(compile(shape, contenders[name].dialect, name), shape, contender);
  while (overflowBytes(file) === 0) logged.batch(burst);
  const before = overflowBytes(file);
  const mean = (logged.batch(spilled) * 1e6) / spilled;
  const grown = overflowBytes(file) - before;
  const times = await single(logged, { turns: burst / callsPerTurn, callsPerTurn, msPerTurn: 0 });
  unlinkSync(file);
  await contender.flush();
  const accounts = contender.accounts();
  await contender.close();
  const problems = verified(contender, file, shape, logged.made, accounts);
  // A frame of this shape is more than 32 bytes.
  if (grown < spilled * 32) problems.push(`${spilled} calls made the overflow grow by ${grown} bytes only`);
  return { metrics: { spilling: mean, ...times }, problems };
}

function verified(contender, file, shape, expected, accounts) {
  return verify({ contender, path: file, expected, accounts, whatIsWrong: (record) => whatIsWrong(shape, record) })
    .problems;
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const cases = runs.cases.filter((of) => of !== SPILLING);
  const rows = LOADS.flatMap((load) => cases.map((of) => leastRow(runs, of, load)));
  if (runs.cases.includes(SPILLING)) {
    const row = (label, metric, bound) => runs.row({ label, unit: "ns", case: SPILLING, metric, bound });
    rows.push(
      row("spilling, mean", SPILLING, { atMost: SPILLING_NS }),
      row("spilling, one of two", "single.p50"),
      row("spilling, one of a hundred", "single.p99"),
      row("spilling, the longest", "single.max"),
    );
  }
  return { rows, notes: ["Net nanoseconds per call, the least of the runs; spilling: with building the arguments."] };
}

function leastRow(runs, of, load) {
  const least = (contender) => Math.min(...runs.byRound(contender, of, load).values());
  const values = {};
  for (const contender of runs.contenders) {
    const known = interval([least(contender)].filter(Number.isFinite));
    if (known) values[contender] = known;
  }
  const ratio = least("ours") / least(IN_MEMORY);
  const comparison = Number.isFinite(ratio)
    ? runs.comparison(IN_MEMORY, [ratio], { atMost: TIMES_AS_MUCH })
    : undefined;
  return { label: `${of} · ${load}`, unit: "ns", values, comparisons: comparison ? [comparison] : [] };
}
