// Turns a shape into the loops that are timed.
//
// The loops are generated as source text for three reasons: every contender runs the same expressions; the message
// and the fields are literals at a call site, as they are in an application; and each contender gets functions of
// its own, so that the type feedback of one loop never reaches another (V8 keeps feedback per function, and would
// share it between two contenders called from the same line).

import { dialects } from "./dialects.mjs";

/**
 * @typedef {object} Loops
 * @property {(log: any, from: number, count: number, prepared?: unknown[]) => void} batch
 *   `count` calls with the numbers `from`, `from + 1`, ...
 * @property {(log: any, from: number, count: number, times: Float64Array, at: number, prepared?: unknown[]) => void} single
 *   the same, each call timed by itself: milliseconds into `times` from `at` on
 */

/**
 * @param {import("./shapes.mjs").Shape} shape
 * @param {string} dialect
 * @param {string} owner   makes the text, and thereby the compiled function, its own
 * @returns {Loops}
 */
export function compile(shape, dialect, owner) {
  const sites = (shape.sites ?? [shape]).map((site) => dialects[dialect]({ ...shape, ...site }));
  const call = sites.length === 1 ? sites[0] : `sites[i % ${sites.length}](log, i)`;
  const siteFunctions = sites.length === 1 ? "" : `const sites = [${sites.map(siteFunction).join(",\n")}];`;
  const source = `"use strict"; /* ${shape.name} for ${owner} */
    ${siteFunctions}
    return {
      batch(log, from, count, prepared) {
        for (let i = from, end = from + count; i < end; i++) { ${call}; }
      },
      single(log, from, count, times, at, prepared) {
        for (let i = from, end = from + count; i < end; i++) {
          const start = performance.now();
          ${call};
          times[at++] = performance.now() - start;
        }
      },
    };`;
  const scope = shape.scope ?? {};
  return new Function("performance", ...Object.keys(scope), source)(performance, ...Object.values(scope));
}

function siteFunction(call, index) {
  return `function site${index}(log, i) { ${call}; }`;
}
