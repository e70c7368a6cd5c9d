// The contenders by name. Nothing is loaded here: a contender is imported in the fresh process that measures it,
// so that a broken or missing one cannot slow down or break the others.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * What an adapter's `create({ path, level })` answers. Every adapter writes one JSON line per record with level,
 * time, pid, host name, the fields and the message, to the file at `path`, from level `info` up.
 *
 * @typedef {object} Contender
 * @property {any} log                             has `info`, `error` and `debug` in the adapter's dialect
 * @property {(bindings: object) => any} child     a logger whose lines all carry `bindings`
 * @property {Promise<unknown>} ready              the way to the file is open
 * @property {() => Promise<unknown>} flush        everything logged so far is in the file
 * @property {() => Promise<unknown>} close        flush, then give everything back
 * @property {() => Accounts} [accounts]           what the contender itself says it did with the records
 * @property {() => number} [written]              lines written, for a contender without a file
 *
 * @typedef {{ logged: number, accepted: number, dropped: Record<string, number>,
 *   sinks: Record<string, { delivered: number, quarantined: number, pending: number, uncertain: number }> }} Accounts
 *
 * @typedef {object} Entry
 * @property {string} package             what must be installed, and built, for it to run
 * @property {"pino" | "winston"} dialect the order of the arguments of a log call: see shapes/dialects.mjs
 * @property {"file" | "stdout" | "nowhere"} writes
 * @property {string} means               one line for `--help` and the results
 */

/** @type {Record<string, Entry>} */
export const contenders = {
  ours: { package: "spillway", dialect: "pino", writes: "file", means: "spillway, default ring, whenFull: block" },
  "ours-in-memory": {
    package: "spillway",
    dialect: "pino",
    writes: "file",
    means: "spillway, the same with crashSafety: false",
  },
  "pino-sync": { package: "pino", dialect: "pino", writes: "file", means: "pino.destination, sync: true" },
  "pino-async": {
    package: "pino",
    dialect: "pino",
    writes: "file",
    means: "pino.destination, sync: false, minLength: 4096",
  },
  "pino-transport": {
    package: "pino",
    dialect: "pino",
    writes: "file",
    means: "pino.transport, pino/file in a worker",
  },
  "pino-noop": { package: "pino", dialect: "pino", writes: "nowhere", means: "pino to a stream that only counts" },
  winston: { package: "winston", dialect: "winston", writes: "file", means: "winston's File transport, json" },
  console: {
    package: "node:console",
    dialect: "pino",
    writes: "stdout",
    means: "console.log of the same line, stdout is a file",
  },
};

/** Why a contender cannot run here, or undefined when it can. */
export function whyUnavailable(name) {
  const entry = contenders[name];
  if (entry === undefined) return `there is no contender "${name}"; known: ${Object.keys(contenders).join(", ")}`;
  if (entry.package.startsWith("node:")) return undefined;
  let url;
  try {
    url = import.meta.resolve(entry.package);
  } catch {
    return `contender "${name}" needs the package ${entry.package}: run \`npm install\` in the repository`;
  }
  if (existsSync(fileURLToPath(url))) return undefined;
  return `contender "${name}": the package ${entry.package} is not built: run \`npm run build\` in the repository, or leave it out with --only`;
}

/** @returns {Promise<{ create(options: { path: string, level: string, whenFull?: string }): Contender }>} */
export function loadContender(name) {
  return import(new URL(`./${name}.mjs`, import.meta.url).href);
}
