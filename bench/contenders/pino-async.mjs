// pino collecting 4 KiB before it writes, as its documentation advises for speed.

import { overDestination } from "./pino-destination.mjs";

export function create({ path, level }) {
  return overDestination(level, { dest: path, sync: false, minLength: 4096 });
}
