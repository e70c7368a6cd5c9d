// winston's File transport with the same fields as the others: time as a number, pid, host name, errors in full.

import { once } from "node:events";
import winston from "winston";
import { base, errorFields } from "./same-line.mjs";

const POLL_MS = 1;

const likeTheOthers = winston.format((info) => {
  info.time = Date.now();
  if (info.err instanceof Error) info.err = errorFields(info.err);
  return info;
});

export function create({ path, level }) {
  const file = new winston.transports.File({ filename: path });
  // Beyond a hundred lines in a burst every waiting line listens for `drain`; the warning is no news here.
  file._stream.setMaxListeners(0);
  const { combine, splat, json } = winston.format;
  const log = winston.createLogger({
    level,
    defaultMeta: base,
    format: combine(splat(), likeTheOthers(), json()),
    transports: [file],
  });
  return {
    log,
    child: (bindings) => log.child(bindings),
    ready: once(file, "open"),
    async flush() {
      while (backlog(log, file) > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    },
    async close() {
      const finished = once(file, "finish");
      log.end();
      await finished;
    },
  };
}

/** winston has no flush: what is still under way is what its four streams hold. */
function backlog(log, file) {
  const streams = [log, file, file._stream, file._dest];
  return streams.reduce((sum, stream) => sum + (stream?.writableLength ?? 1) + (stream?.readableLength ?? 0), 0);
}
