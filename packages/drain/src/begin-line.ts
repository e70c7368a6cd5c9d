import type { Sink } from "@spillway/core";

const LINE_END: Uint8Array = Uint8Array.of(0x0a);
/** Somebody who is in the middle of a write has done with it by then. */
const LOOKS = 3;

/**
 * Before the first write to a destination that others have written to: where it ends in the middle of a line, ends that.
 * What was killed there, be it the line that says what was recovered, must not tear the line of a record.
 */
export function beginLine(sink: Sink): void {
  for (let look = 1; look <= LOOKS; look++) {
    const there = sink.extent();
    if (there === undefined || there.length === 0) return;
    if (sink.tail(there.length - 1).at(-1) === LINE_END[0]) return;
    // It grows: of a large write one can see a part.
    if (sink.extent()?.length === there.length) {
      sink.write(LINE_END, 0);
      return;
    }
  }
}
