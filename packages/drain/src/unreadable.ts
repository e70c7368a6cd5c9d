import type { JsonBytes } from "@spillway/format";
import type { Gap } from "@spillway/ring";

/** The line in the place of a record that could not be read. The same every time, so that a replay makes equal bytes. */
export function writeUnreadable(out: JsonBytes, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  out.utf8(`${JSON.stringify({ level: 50, unreadable: reason, msg: "spillway: a record could not be read" })}\n`);
}

/** What is written in the place of a record that whoever drained it did not survive. */
export interface Deadly {
  /** Of the lane's engine. */
  readonly lane: number;
  /** Of the frame: its number in the ring, or its position in the overflow. */
  readonly frame: number;
  /** The sink that was being given the record; undefined: it was being read. */
  readonly sink: string | undefined;
}

/** The same every time it is written. */
export function writeDeadly(out: JsonBytes, deadly: Deadly): void {
  const line = {
    level: 50,
    quarantined: describeDeadly(deadly),
    lane: deadly.lane,
    frame: deadly.frame,
    msg: "spillway: a record is left out, because nobody survived it",
  };
  out.utf8(`${JSON.stringify(line)}\n`);
}

export function describeDeadly({ sink }: Deadly): string {
  return `the drain died again and again while ${sink === undefined ? "it was read" : `sink ${sink} was given it`}`;
}

/**
 * The line in the place of frames that are damaged themselves, so that nobody can tell where each of them began; `from`
 * and `to` are positions in the ring. The same every time, too.
 */
export function writeMissing(out: JsonBytes, lane: number, { from, to, frames, reason }: Gap): void {
  const line = {
    level: 50,
    unreadable: `${reason} at position ${from}`,
    missing: frames,
    lane,
    from,
    to,
    msg: frames === 1 ? "spillway: a record could not be read" : `spillway: ${frames} records could not be read`,
  };
  out.utf8(`${JSON.stringify(line)}\n`);
}
