// A progress bar on a terminal; silent anywhere else.

import { duration } from "./numbers.mjs";

const WIDTH = 24;

/** @param {NodeJS.WriteStream} stream */
export function progressOn(stream) {
  if (!stream.isTTY) return () => {};
  const start = performance.now();
  return (done, all, label) => {
    if (done === all) {
      stream.write("\r\u001b[K");
      return;
    }
    const filled = Math.round((WIDTH * done) / all);
    const left = done === 0 ? "" : ` · ${duration(((performance.now() - start) / 1000 / done) * (all - done))} left`;
    const line = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${done}/${all} ${label}${left}`;
    stream.write(`\r\u001b[K${line.slice(0, (stream.columns ?? 80) - 1)}`);
  };
}
