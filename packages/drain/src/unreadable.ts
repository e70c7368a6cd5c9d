import type { JsonBytes } from "@spillway/format";
import type { Gap } from "@spillway/ring";

/** The line in the place of a record that could not be read. The same every time, so that a replay makes equal bytes. */
export function writeUnreadable(out: JsonBytes, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  out.utf8(`${JSON.stringify({ level: 50, unreadable: reason, msg: "spillway: a record could not be read" })}\n`);
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
