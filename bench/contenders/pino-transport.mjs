// pino with a worker thread that writes the file: the arrangement that promises what Spillway promises,
// a calling thread that does no writing.

import { once } from "node:events";
import pino from "pino";

const FLUSH_TIMEOUT_MS = 120_000;

export function create({ path, level }) {
  const transport = pino.transport({ target: "pino/file", options: { destination: path } });
  const log = pino({ level }, transport);
  return {
    log,
    child: (bindings) => log.child(bindings),
    ready: once(transport, "ready"),
    flush: () =>
      new Promise((resolve, reject) => {
        // Also keeps the event loop alive: the callback alone does not in every version.
        const deadline = setTimeout(() => reject(new Error("pino's flush did not answer")), FLUSH_TIMEOUT_MS);
        log.flush((error) => {
          clearTimeout(deadline);
          if (error) reject(error);
          else resolve(undefined);
        });
      }),
    async close() {
      const closed = once(transport, "close");
      transport.end();
      await closed;
    },
  };
}
