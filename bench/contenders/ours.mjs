// Spillway as a user gets it: default ring, crash safety as it is by default with a file sink.

import { createLogger } from "spillway";

export function create({ path, level, whenFull = "block", ...options }) {
  const log = createLogger({ level, whenFull, sinks: { out: { type: "file", path } }, ...options });
  return {
    log,
    child: (bindings) => log.child(bindings),
    ready: Promise.resolve(),
    flush: () => log.flush(),
    close: () => log.shutdown(),
    accounts: () => log.accounts(),
  };
}
