import { ENTRY_LINE, FRAME_CRITICAL, frameKind } from "@spillway/core";
import { type DeadWal, readWal, type WalMode, type WalReport } from "@spillway/spill";

/** The lines of the records in a log, and what was found besides when all are read. */
export interface WalLines extends Iterable<string> {
  readonly report: WalReport;
}

export function linesOfWal({ log }: Pick<DeadWal, "log">, mode: WalMode): WalLines {
  const reading = readWal(log, { mode });
  return {
    get report() {
      return reading.report;
    },
    *[Symbol.iterator]() {
      for (const { tag, payload } of reading)
        if (frameKind(tag) === FRAME_CRITICAL) yield payload.toString("utf8", ENTRY_LINE);
    },
  };
}
