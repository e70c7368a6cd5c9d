/** The write-ahead logs of critical records, for recovery by hand: found beside ring files or named, then delivered. */
import type { NamedSinkSpec, RingGroup } from "@spillway/core";
import {
  type DeadWal,
  linesOfWal,
  loadRecovery,
  type RecoveryOutput,
  takeLeftovers,
  takeRingsOf,
  type WalMode,
  walsAt,
  walsNamed,
} from "@spillway/host";
import { drainCode } from "./drain-code.ts";
import { parseLine } from "./parse-line.ts";
import type { RecoveredProcess, SparedFile } from "./recovery-report.ts";

export const WAL_MODES: readonly WalMode[] = ["tolerate-tail", "point-in-time", "skip-corrupt", "absolute"];
export const DEFAULT_WAL_MODE: WalMode = "skip-corrupt";

export interface Leftovers {
  readonly groups: readonly RingGroup[];
  readonly spared: readonly SparedFile[];
  /** Logs that may be there still when the ring files have been seen to. */
  readonly logs: readonly string[];
}

/** What a path stands for. Throws what the file system says of one that is not there. */
export function leftoversAt(path: string): Leftovers {
  const named = walsNamed(path);
  if (named.length > 0) return { ...takeRingsOf(named), logs: named };
  const logs = walsAt(path);
  try {
    return { ...takeLeftovers(path), logs };
  } catch (error) {
    // The log itself may be what never came to be.
    if (logs.length > 0 && (error as NodeJS.ErrnoException).code === "ENOENT") return { groups: [], spared: [], logs };
    throw error;
  }
}

/** Delivers a log that no ring file goes with, and removes it. Beside a file nothing can be delivered here. */
export function walIntoSinks(wal: DeadWal, mode: WalMode, troubles: string[]): RecoveredProcess | undefined {
  const toFile = (sink: NamedSinkSpec): NamedSinkSpec | undefined => (sink.spec.type === "file" ? sink : undefined);
  const tell = (message: string): void => void troubles.push(message);
  const [done] = loadRecovery(drainCode).recoverWalsByHand([wal], toFile, tell, mode);
  // A ring file goes with it, and could not be recovered.
  if (done === undefined) return undefined;
  const { log, aside, isComplete, ...rest } = done;
  return { ...rest, files: [log], unreadable: 0, damaged: aside, complete: isComplete };
}

/** Lines of logs, one log after the other. Their times are what they say themselves, if they say one. */
export function addLines(output: RecoveryOutput, lines: Iterable<string>): number {
  let count = 0;
  let lastMs = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const { time } = parseLine(line);
    const timeMs = typeof time === "string" ? Date.parse(time) : typeof time === "number" ? time : Number.NaN;
    // It goes back where another log begins.
    if (count === 0 || timeMs < lastMs) output.beginSource();
    if (!Number.isNaN(timeMs)) lastMs = timeMs;
    output.add(Buffer.from(line), 1, [{ startsAt: 0, timeMs }]);
    count++;
  }
  return count;
}

/** `output` undefined: only counts. */
export function walIntoFile(wal: DeadWal, mode: WalMode, output: RecoveryOutput | undefined): RecoveredProcess {
  const lines = linesOfWal(wal, mode);
  const recovered = output === undefined ? [...lines].length : addLines(output, lines);
  const damage = lines.report.damage.map(({ file, kind, from, to }) => ({
    path: file,
    from,
    to,
    what: kind,
    missing: 0,
  }));
  const files = (wal.owner?.sinks ?? []).flatMap(({ spec }) => (spec.type === "file" ? [spec.path] : []));
  return {
    pid: wal.name.pid,
    files: [wal.log],
    into: files,
    recovered,
    unreadable: 0,
    damaged: [],
    damage,
    refused: [],
    complete: false,
  };
}
