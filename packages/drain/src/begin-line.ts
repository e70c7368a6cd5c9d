import type { Sink } from "@spillway/core";

const LINE_END = 0x0a;
const LOOK_MS = 1;
/**
 * What stands still in the middle of a line for so long is no write under way. A tenth of it was not enough on a machine with
 * thirty times as many threads as processors: the line end then came behind a line that was whole by then.
 */
const STILL_MS = 1000;
const MOST_MS = 5000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Before a write to a destination that others have written to: where it ends in the middle of a line, waits for whoever is
 * writing that, and ends the line where nobody is. What was killed there must not tear the line of a record. False: nothing
 * had to be done.
 *
 * Of a large write one can see a part before it is over, but nobody's write gets in between: so to wait costs nothing
 * that the system would not have made us wait. Somebody killed in the moment between the last look and the write is not
 * seen; his recovery puts that right (written.ts).
 */
export function beginLine(sink: Sink): boolean {
  const begunAt = Date.now();
  let stillSince = begunAt;
  let length = -1;
  while (true) {
    const there = sink.extent();
    if (there === undefined || there.length === 0) return length !== -1;
    if (sink.tail(there.length - 1).at(-1) === LINE_END) return length !== -1;
    const now = Date.now();
    if (there.length !== length) stillSince = now;
    length = there.length;
    if (now - stillSince >= STILL_MS || now - begunAt >= MOST_MS) {
      sink.write(Uint8Array.of(LINE_END), 0);
      return true;
    }
    Atomics.wait(sleeper, 0, 0, LOOK_MS);
  }
}
