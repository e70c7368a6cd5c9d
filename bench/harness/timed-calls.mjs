// How long calls keep the thread that makes them: in bursts, paced, and one by one.

import { createHistogram } from "node:perf_hooks";
import { turnAt } from "./turns.mjs";

/** One pair of loops with the logger they call, counting the calls. */
export class TimedCalls {
  made = 0;
  #loops;
  #shape;
  #log;

  constructor(loops, shape, { log, flush }) {
    this.#loops = loops;
    this.#shape = shape;
    this.#log = log;
    this.flush = flush;
  }

  /** Milliseconds inside `count` calls, or inside building their arguments. */
  batch(count) {
    const prepared = this.#shape.prepare?.(this.made, count);
    const start = performance.now();
    this.#loops.batch(this.#log, this.made, count, prepared);
    const elapsed = performance.now() - start;
    this.made += count;
    return elapsed;
  }

  single(count, times, at) {
    const prepared = this.#shape.prepare?.(this.made, count);
    this.#loops.single(this.#log, this.made, count, times, at, prepared);
    this.made += count;
  }
}

/** Nanoseconds per call. */
export async function inBursts(side, bursts, calls) {
  let inside = 0;
  for (let burst = 0; burst < bursts; burst++) {
    inside += side.batch(calls);
    await side.flush();
    await turnAt(0);
  }
  return (inside * 1e6) / (bursts * calls);
}

/** Nanoseconds per call. */
export async function paced(side, { turns, callsPerTurn, msPerTurn }) {
  let inside = 0;
  let due = performance.now();
  for (let turn = 0; turn < turns; turn++) {
    inside += side.batch(callsPerTurn);
    due = Math.max(due + msPerTurn, performance.now());
    await turnAt(due);
  }
  await side.flush();
  return (inside * 1e6) / (turns * callsPerTurn);
}

/** The distribution of single calls, paced, in nanoseconds. */
export async function single(side, { turns, callsPerTurn, msPerTurn }) {
  const times = new Float64Array(turns * callsPerTurn);
  let due = performance.now();
  for (let turn = 0; turn < turns; turn++) {
    side.single(callsPerTurn, times, turn * callsPerTurn);
    due = Math.max(due + msPerTurn, performance.now());
    await turnAt(due);
  }
  const histogram = createHistogram();
  for (const ms of times) histogram.record(Math.max(1, Math.round(ms * 1e6)));
  return {
    "single.p50": histogram.percentile(50),
    "single.p99": histogram.percentile(99),
    "single.p99.9": histogram.percentile(99.9),
    "single.max": histogram.max,
  };
}
