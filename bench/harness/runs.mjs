// All valid runs of one question, and the rows that can be made of them.

import { interval } from "./intervals.mjs";

/** @typedef {{ contender: string, case: string, round: number, metrics: Record<string, number> }} Run */

export class Runs {
  /** @type {Run[]} */
  #runs;
  /** @type {string[]} in the order asked for */
  contenders;
  /** @type {string[]} */
  cases;

  constructor(runs, contenders, cases) {
    this.#runs = runs;
    this.contenders = contenders;
    this.cases = cases;
  }

  /** The metric of one contender by round; a round without a valid run is absent. */
  byRound(contender, of, metric) {
    const rounds = new Map();
    for (const run of this.#runs) {
      if (run.contender !== contender || run.case !== of) continue;
      const value = run.metrics[metric];
      if (Number.isFinite(value)) rounds.set(run.round, value);
    }
    return rounds;
  }

  /** The quotient of two contenders, round by round: both sides of it ran within seconds of each other. */
  ratios(contender, to, of, metric) {
    const base = this.byRound(to, of, metric);
    const ratios = new Map();
    for (const [round, value] of this.byRound(contender, of, metric)) {
      const other = base.get(round);
      if (other !== undefined && other !== 0) ratios.set(round, value / other);
    }
    return ratios;
  }

  /** Who is judged: we, or the first one asked for when we are not among them. */
  get subject() {
    return this.contenders.includes("ours") ? "ours" : this.contenders[0];
  }

  /**
   * A row of one metric: a value per contender, and the subject's ratio to each contender in `against`.
   * @param {{ label: string, unit: string, case: string, metric: string,
   *   against?: Record<string, import("./question.mjs").Target | undefined>,
   *   bound?: import("./question.mjs").Target }} what  targets are for `ours` only
   * @returns {import("./question.mjs").Row}
   */
  row({ label, unit, case: of, metric, against = {}, bound }) {
    const values = {};
    for (const contender of this.contenders) {
      const known = interval([...this.byRound(contender, of, metric).values()]);
      if (known) values[contender] = known;
    }
    const comparisons = Object.entries(against)
      .map(([to, target]) => this.comparison(to, [...this.ratios(this.subject, to, of, metric).values()], target))
      .filter((comparison) => comparison !== undefined);
    return this.bounded({ label, unit, values, comparisons }, bound);
  }

  /** The row, and whether our value in it meets the target. */
  bounded(row, target) {
    const { ours } = row.values;
    if (!target || !ours) return row;
    return { ...row, bound: { contender: "ours", target, ...judged(ours, target) } };
  }

  /** @param {number[]} ratios one per round */
  comparison(to, ratios, target) {
    if (to === this.subject) return undefined;
    const ratio = interval(ratios);
    if (ratio === undefined) return undefined;
    return {
      of: this.subject,
      to,
      ratio,
      differs: ratio.low > 1 || ratio.high < 1,
      ...(target && this.subject === "ours" && { target, ...judged(ratio, target) }),
    };
  }
}

/**
 * The median decides; `close` when the interval does not lie on one side of the target.
 * @param {import("./intervals.mjs").Interval} of
 * @param {import("./question.mjs").Target} target
 */
function judged(of, { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }) {
  const meets = (value) => value <= atMost && value >= atLeast;
  return { verdict: meets(of.median) ? "pass" : "fail", close: meets(of.low) !== meets(of.high) };
}
