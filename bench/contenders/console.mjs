// console.log of the line that the others write. The runner points stdout at the file; on a file Node writes
// before the call returns, so there is nothing to flush.

import { format } from "node:util";
import { base, errorFields } from "./same-line.mjs";

export function create() {
  return {
    log: withBindings({}),
    child: withBindings,
    ready: Promise.resolve(),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function withBindings(bindings) {
  const print = (level, first, rest) => {
    const fields = typeof first === "string" ? {} : first;
    const msg = typeof first === "string" ? format(first, ...rest) : format(...rest);
    const line = { level, time: Date.now(), ...base, ...bindings, ...fields, msg };
    if (line.err instanceof Error) line.err = errorFields(line.err);
    console.log(JSON.stringify(line));
  };
  return {
    info: (first, ...rest) => print(30, first, rest),
    error: (first, ...rest) => print(50, first, rest),
    debug() {},
  };
}
