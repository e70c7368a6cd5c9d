import { ConfigError } from "@spillway/core";
import { type DeadWal, letGoOfWal, linesOfWal, takeWals, type WalMode, type WalReport, walsAt } from "@spillway/host";
import { parseLine } from "./parse-line.ts";
import { WAL_MODES } from "./recover-wals.ts";
import type { SparedFile } from "./recovery-report.ts";

export interface OpenWalOptions {
  /** How much damage reading goes past. Default `tolerate-tail`. */
  readonly mode?: WalMode;
}

/** What reading a log found, besides its records. */
export interface RecoveredWal {
  readonly path: string;
  readonly pid: number;
  readonly report: WalReport;
}

/**
 * The write-ahead logs of critical records that processes which are gone have left: those that begin with a `walPath`, one
 * of them, or those beside a log file or in a folder. They are locked until `close()`, and stay as they are: to have them
 * delivered, use `recoverAll`. Logs of living processes are left alone. Throws ERR_SPILLWAY_CONFIG for a path or a mode
 * that is none; a path where there is no log has no records.
 */
export function openWal(path: string, options: OpenWalOptions = {}): CriticalWal {
  const { mode = "tolerate-tail" } = options;
  const problems: string[] = [];
  if (typeof path !== "string" || path === "") problems.push("path: expected the path of a write-ahead log");
  if (!WAL_MODES.includes(mode)) problems.push(`mode: expected one of ${WAL_MODES.join(", ")}`);
  if (problems.length > 0) throw new ConfigError(problems);
  return new CriticalWal(path, mode);
}

export class CriticalWal {
  /** Logs that were left alone. */
  readonly spared: readonly SparedFile[];
  readonly #mode: WalMode;
  #wals: readonly DeadWal[];
  readonly #reports: RecoveredWal[] = [];

  /** @internal */
  constructor(path: string, mode: WalMode) {
    const { wals, spared } = takeWals(walsAt(path));
    this.#wals = wals;
    this.spared = spared;
    this.#mode = mode;
  }

  /**
   * The records that are not known to be delivered and on the disk, as objects, log by log, in order; again the same with
   * each call. Throws ERR_SPILLWAY_DAMAGED_WAL in the mode `absolute`, in front of the first record of a damaged log.
   */
  async *recover(): AsyncGenerator<Record<string, unknown>> {
    this.#reports.length = 0;
    for (const wal of this.#wals) {
      const lines = linesOfWal(wal, this.#mode);
      for (const line of lines) yield parseLine(line);
      // A reader of many lets others have a turn now and then.
      await new Promise(setImmediate);
      this.#reports.push({ path: wal.log, pid: wal.name.pid, report: lines.report });
    }
  }

  /** Of the logs that `recover` has read to their ends: where there is damage, and what is missing. */
  get reports(): readonly RecoveredWal[] {
    return this.#reports;
  }

  /** Gives the logs free for others. Idempotent; then there are no records. */
  async close(): Promise<void> {
    const wals = this.#wals;
    this.#wals = [];
    for (const wal of wals) letGoOfWal(wal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
