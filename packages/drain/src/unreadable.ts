import type { JsonBytes } from "@spillway/format";

/** The line in the place of a record that could not be read. The same every time, so that a replay makes equal bytes. */
export function writeUnreadable(out: JsonBytes, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  out.utf8(`${JSON.stringify({ level: 50, unreadable: reason, msg: "spillway: a record could not be read" })}\n`);
}
