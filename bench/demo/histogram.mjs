// Durations in nanoseconds, counted in buckets a few percent wide. One thread adds, any thread may read.

/** 32 buckets for each doubling: a reading is at most 3 % from the truth. */
const STEPS = 32;
const DOUBLINGS = 36;

export const HISTOGRAM_BYTES = STEPS * DOUBLINGS * 4;

export class Histogram {
  #counts;

  /** @param {SharedArrayBuffer | ArrayBuffer} buffer */
  constructor(buffer, offset = 0) {
    this.#counts = new Uint32Array(buffer, offset, STEPS * DOUBLINGS);
  }

  add(ns) {
    this.#counts[bucketOf(ns)]++;
  }

  count() {
    let all = 0;
    for (const n of this.#counts) all += n;
    return all;
  }

  /** The smallest duration that `share` of the readings do not exceed; 0 when there are none. */
  quantile(share) {
    const wanted = Math.ceil(this.count() * share);
    let seen = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i];
      if (seen >= wanted && seen > 0) return middleOf(i);
    }
    return 0;
  }
}

function bucketOf(ns) {
  if (ns < STEPS) return ns < 0 ? 0 : Math.floor(ns);
  const doubling = Math.floor(Math.log2(ns));
  const within = Math.floor((ns / 2 ** doubling - 1) * STEPS);
  // log2 may round across a power of two; the step then stays in the neighbouring bucket.
  const step = Math.max(0, Math.min(within, STEPS - 1));
  return Math.min((doubling - 4) * STEPS + step, STEPS * DOUBLINGS - 1);
}

/** The middle of a bucket. */
function middleOf(bucket) {
  if (bucket < STEPS) return bucket;
  const doubling = Math.floor(bucket / STEPS) + 4;
  return 2 ** doubling * (1 + ((bucket % STEPS) + 0.5) / STEPS);
}
