// What one log call costs the thread that makes it.
//
// Not every call is timed: reading the clock twice takes about as long as a call. The gaps between timed calls
// vary, so that the job's own rhythm (open, hash, compress, ...) cannot make only one kind of call be seen.
import { AT } from "./counters.mjs";

const MEAN_GAP = 8;

export class Meter {
  #counters;
  #left = 1;
  #random = 0x2545f491;
  #sampled = 0;
  #sampledNs = 0;
  #longestNs = 0;
  #calls = 0;

  constructor(counters) {
    this.#counters = counters;
    this.clockNs = costOfClock();
  }

  /** Call right before a log call; hand the answer to `after`. */
  before() {
    if (--this.#left > 0) return 0;
    this.#left = this.#nextGap();
    return performance.now();
  }

  after(startedAt) {
    if (startedAt !== 0) {
      const ns = (performance.now() - startedAt) * 1e6;
      this.#sampled++;
      this.#sampledNs += ns;
      if (ns > this.#longestNs) this.#longestNs = ns;
      this.#counters.durations.add(ns);
    }
    this.#calls++;
    this.#counters.numbers[AT.records] = this.#calls;
  }

  /** @returns {{ calls: number, sampled: number, medianNs: number, p99Ns: number, longestNs: number, totalMs: number, clockNs: number }} */
  results() {
    return {
      calls: this.#calls,
      sampled: this.#sampled,
      medianNs: this.#counters.durations.quantile(0.5),
      p99Ns: this.#counters.durations.quantile(0.99),
      longestNs: Math.round(this.#longestNs),
      totalMs: this.#sampled === 0 ? 0 : ((this.#sampledNs / this.#sampled) * this.#calls) / 1e6,
      clockNs: this.clockNs,
    };
  }

  #nextGap() {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return 1 + ((this.#random >>> 0) % (2 * MEAN_GAP - 1));
  }
}

/** What a timed call of nothing reads: this much of every figure is the clock itself. */
function costOfClock() {
  const readings = [];
  for (let i = 0; i < 20_000; i++) {
    const startedAt = performance.now();
    readings.push((performance.now() - startedAt) * 1e6);
  }
  readings.sort((a, b) => a - b);
  return Math.round(readings[readings.length / 2]);
}
