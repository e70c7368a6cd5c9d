// What pino-sync and pino-async share: pino over its own file destination, on the calling thread.

import { once } from "node:events";
import pino from "pino";

export function overDestination(level, options) {
  const destination = pino.destination(options);
  const log = pino({ level }, destination);
  return {
    log,
    child: (bindings) => log.child(bindings),
    // A synchronous destination is open before anybody could listen, and has written when a call returns.
    ready: options.sync ? Promise.resolve() : once(destination, "ready"),
    flush: () => (options.sync ? Promise.resolve() : flushed(destination)),
    async close() {
      const closed = once(destination, "close");
      destination.end();
      await closed;
    },
  };
}

/** Also syncs the file to the disk, which no contender is asked for: never time it. */
function flushed(destination) {
  return new Promise((resolve, reject) => destination.flush((error) => (error ? reject(error) : resolve(undefined))));
}
