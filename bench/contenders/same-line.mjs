// The parts of a line that pino and Spillway add by themselves, for the contenders that have to be told.

import { hostname } from "node:os";

export const base = { pid: process.pid, hostname: hostname() };

/** An Error's own properties are not enumerable: without this its line would say `{}` and look cheap. */
export function errorFields(error) {
  return { type: error.constructor.name, message: error.message, stack: error.stack };
}
