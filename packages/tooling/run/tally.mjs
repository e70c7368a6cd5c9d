// @ts-check
/** The sum of a run: what passed, failed and was skipped, over checks and suites alike. */

/**
 * @typedef {object} Skip
 * @property {string} name    Full name of the test or suite.
 * @property {string} file    Below the workspace's root.
 * @property {string} [why]
 */

/**
 * What the vitest reporter hands over.
 *
 * @typedef {object} SuiteTally
 * @property {number} passed
 * @property {number} failed
 * @property {Skip[]} skipped
 */

/**
 * @typedef {object} MaySkip
 * @property {string} file  The file whose skips are excused.
 * @property {string} why   Must say what is missing where it is skipped.
 */

export class Tally {
  /** Stands for a failed test in `failures`: vitest has told its name already. */
  static UNNAMED = "a test, named above";

  passed = 0;
  /** @type {string[]} */
  failures = [];
  /** @type {Skip[]} */
  skipped = [];

  /** @param {string} name @param {boolean} ok */
  check(name, ok) {
    if (ok) this.passed++;
    else this.failures.push(name);
  }

  /** @param {SuiteTally} suites */
  add(suites) {
    this.passed += suites.passed;
    for (let i = 0; i < suites.failed; i++) this.failures.push(Tally.UNNAMED);
    this.skipped.push(...suites.skipped);
  }

  /**
   * Where skipping is not allowed, a skip that nobody excused is a failure: a suite that quietly stopped running
   * looks exactly like one that passes.
   *
   * @param {MaySkip[]} excuses
   */
  refuseSkips(excuses) {
    for (const skip of this.skipped) {
      if (excuses.some((excuse) => excuse.file === skip.file)) continue;
      this.failures.push(`${skip.file}: ${skip.name} must run here, and was skipped`);
    }
  }

  get failed() {
    return this.failures.length;
  }

  /** The last line of a run. Others read it: its form does not change. */
  get lastLine() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped.length} skipped`;
  }
}

/**
 * The skips, one line per file and reason, so that a hundred tests skipped for one cause do not hide another.
 *
 * @param {Skip[]} skipped
 * @returns {string[]}
 */
export function describeSkips(skipped) {
  /** @type {Map<string, Skip[]>} */
  const groups = new Map();
  for (const skip of skipped) {
    const key = `${skip.file}\n${skip.why ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), skip]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const names = group.length <= 3 ? group.map((skip) => skip.name).join("; ") : `${group.length} tests`;
    return `${first?.file}: ${names}: ${first?.why ?? 'no reason given (say it: ctx.skip("why"))'}`;
  });
}
