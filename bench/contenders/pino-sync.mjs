// pino writing each line itself, before the call returns.

import { overDestination } from "./pino-destination.mjs";

export function create({ path, level }) {
  return overDestination(level, { dest: path, sync: true });
}
