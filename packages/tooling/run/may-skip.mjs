// @ts-check
/**
 * Test files that may skip themselves even where every suite has to run (CI), each with the reason. A skip in any
 * other file fails the run there.
 *
 * @type {import("./tally.mjs").MaySkip[]}
 */
export const MAY_SKIP = [];
