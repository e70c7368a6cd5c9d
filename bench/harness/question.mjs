// What a question is made of. A question's file holds what is measured and what counts as good; everything about
// processes, order, medians and tables is the harness's.

/**
 * @typedef {object} Question
 * @property {string} name         also the name of its file and of its results
 * @property {string} title        as a sentence
 * @property {string[]} contenders asked unless the command line says otherwise
 * @property {string[]} cases      each is measured in a process of its own
 * @property {{ full: number, quick: number }} runs   processes per contender and case
 * @property {{ full: Settings, quick: Settings }} settings
 * @property {string[]} [nodeFlags]
 * @property {number} timeoutMs    of one process
 * @property {number} [observeEveryMs]  an outside process looks at the file so often
 * @property {(job: Job) => Promise<Measured>} measure  runs in the fresh process
 * @property {(measured: Measured, seen: [number, number][]) => Measured} [withSeen]
 *   runs in the runner: joins what was measured with what the outside process saw
 * @property {(runs: import("./runs.mjs").Runs) => Judgement} judge
 *
 * @typedef {Record<string, number>} Settings
 *
 * @typedef {object} Job
 * @property {string} contender
 * @property {string} case
 * @property {string} path         the file to log to; its folder belongs to this run alone
 * @property {Settings} settings
 *
 * @typedef {object} Measured
 * @property {Record<string, number>} metrics
 * @property {string[]} problems   any makes the run invalid
 * @property {[number, number][]} [stamps]  record number and shared clock when it was logged
 *
 * @typedef {{ rows: Row[], tables?: Table[], notes?: string[] }} Judgement
 *
 * @typedef {object} Row
 * @property {string} label
 * @property {string} unit
 * @property {Record<string, import("./intervals.mjs").Interval>} values  by contender
 * @property {Comparison[]} comparisons
 * @property {Bound} [bound]
 *
 * @typedef {object} Comparison
 * @property {string} of
 * @property {string} to
 * @property {import("./intervals.mjs").Interval} ratio   of the runs side by side, not of the medians
 * @property {boolean} differs     false when the interval holds 1
 * @property {Target} [target]
 * @property {Verdict} [verdict]
 * @property {boolean} [close]    the interval holds the target: another run may say otherwise
 *
 * @typedef {{ contender: string, target: Target, verdict: Verdict, close: boolean }} Bound
 * @typedef {{ atMost?: number, atLeast?: number }} Target
 * @typedef {"pass" | "fail"} Verdict
 * @typedef {{ title: string, head: string[], rows: (string | number)[][] }} Table
 */

export {};
