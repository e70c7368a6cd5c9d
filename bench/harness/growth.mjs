// When a file last grew. A contender's flush is no clock: pino's also syncs the file to the disk, and another's may
// answer before the bytes are there.

import { statSync } from "node:fs";

const LOOK_EVERY_MS = 1;

/**
 * Looks at the size of a file every millisecond of the event loop.
 * @param {string} path
 * @returns {{ end(): number }}  `end` answers by performance.now when the file was first seen at its last size
 */
export function watchGrowth(path) {
  let size = 0;
  let grewAt = performance.now();
  const look = () => {
    const now = performance.now();
    const { size: found } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
    if (found === size) return;
    size = found;
    grewAt = now;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      look();
      return grewAt;
    },
  };
}
