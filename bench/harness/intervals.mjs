// Medians and how far they can be trusted. Plain order statistics: nothing is assumed about the noise of a machine
// that is shared with strangers.

/** @typedef {{ median: number, low: number, high: number, n: number }} Interval */

/** The least share of cases in which an interval should hold the true median; reached from 5 runs on. */
const COVERAGE = 0.9;

/**
 * The median with an interval between two of the values themselves. From 5 values on it holds the true median in at
 * least 9 of 10 cases; with 3 it is all there is (3 of 4 cases).
 * @param {number[]} values
 * @returns {Interval | undefined}
 */
export function interval(values) {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const cut = widestCut(sorted.length);
  return {
    median: medianOf(sorted),
    low: sorted[cut],
    high: sorted[sorted.length - 1 - cut],
    n: sorted.length,
  };
}

/** @param {number[]} values */
export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The value below which `share` of the values lie. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function medianOf(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many values may be left out at each end while the rest still covers the median often enough. */
function widestCut(n) {
  let below = 0;
  let term = 0.5 ** n;
  for (let cut = 0; cut < n >> 1; cut++) {
    below += term;
    term = (term * (n - cut)) / (cut + 1);
    // `below` is the chance of at most `cut` values under the median; the interval from `cut` on misses it twice that.
    if (1 - 2 * below < COVERAGE) return Math.max(0, cut - 1);
  }
  return Math.max(0, (n >> 1) - 1);
}
