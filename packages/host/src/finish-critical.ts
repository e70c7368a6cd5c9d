import { CONTROL_BYTES, CONTROL_EPOCH, type NamedSinkSpec } from "@spillway/core";
import { laneCount } from "@spillway/ring";
import { removeOwnedWal, walName, walsOf } from "@spillway/spill";
import type { CriticalLog, CriticalPlan } from "./critical-log.ts";
import { LogFiles } from "./log-files.ts";

interface Ended {
  readonly memory: SharedArrayBuffer;
  readonly sinks: readonly NamedSinkSpec[];
  readonly critical: CriticalPlan | undefined;
}

/**
 * The clean end of an engine, everything delivered: what the file sinks have is put onto the disk, and then the
 * write-ahead logs of all its lanes go, of whatever thread. Where a file cannot be synced they stay, and the next start
 * delivers what they hold, again. `own`: the log of this thread. Does not throw.
 */
export function finishCritical(
  { memory, sinks, critical }: Ended,
  own: CriticalLog | undefined,
  trouble: (message: string) => void,
): void {
  const epoch = new Int32Array(memory, 0, CONTROL_BYTES / 4)[CONTROL_EPOCH]!;
  const hex = (epoch >>> 0).toString(16).padStart(8, "0");
  const logs = walsOf(critical!.stem, { pid: process.pid, epoch: hex });
  if (logs.length === 0) return;
  const lanes = Array.from({ length: laneCount(memory) }, (_, lane) => lane);
  try {
    new LogFiles(memory, lanes, sinks).syncNow();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    trouble(`a log cannot be synced (${reason}): its critical records are kept for the next start`);
    return;
  }
  own?.remove();
  for (const lane of lanes) {
    const log = walName(critical!.stem, process.pid, epoch, lane);
    if (logs.includes(log)) removeOwnedWal(log);
  }
}
