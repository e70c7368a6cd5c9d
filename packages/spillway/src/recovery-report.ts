/** What a recovery by hand is asked, and what it answers. */
import type { RingDamage } from "@spillway/core";
import type { WalMode } from "@spillway/host";

export interface RecoverOptions {
  /**
   * A file that gets all records, appended in the order of their times: all of them or, should it fail, none. Default: the
   * files they were meant for.
   */
  readonly output?: string;
  /**
   * With `output`: remove the files that were read when all is written; those that were damaged are kept, as `*.bad.TIME`.
   * Without `output` that is always done. Default false.
   */
  readonly cleanup?: boolean;
  /** Nothing is delivered and nothing removed: the report says what is there. Default false. */
  readonly dryRun?: boolean;
  /** How much damage in a write-ahead log is gone past. Default `skip-corrupt`: every whole record is delivered. */
  readonly mode?: WalMode;
  /** Called now and then, and at the end of each process's files. What it throws ends the recovery, to be repeated. */
  readonly onProgress?: (progress: RecoverProgress) => void;
}

export interface RecoverProgress {
  /** Done with. */
  readonly processes: number;
  readonly ofProcesses: number;
  /** So far. */
  readonly records: number;
  /** Of all there is to do, from 0 to 1. */
  readonly share: number;
}

/** What one dead process left, and what came of it. */
export interface RecoveredProcess {
  readonly pid: number;
  /** Its ring files, as they were found; or the owner page of a write-ahead log that no ring file goes with. */
  readonly files: readonly string[];
  /** The files its records went to; with `dryRun`, those they are meant for. */
  readonly into: readonly string[];
  /** Records delivered; with `dryRun`, that would be. */
  readonly recovered: number;
  /** Of them: lines in the place of records that could not be read. */
  readonly unreadable: number;
  /** Files in which nothing could be found, where they lie now. */
  readonly damaged: readonly string[];
  /** What was not as it was written: in which file, at which bytes, and how many frames are missing because of it. */
  readonly damage: readonly RingDamage[];
  /**
   * Files that were left alone: of a later version, without a readable page that says where their records go, or segments
   * of the overflow without a readable header.
   */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
  /** False: something is left for another attempt. */
  readonly complete: boolean;
}

/** A file that was left alone. */
export interface SparedFile {
  readonly path: string;
  readonly reason: string;
  /** Its process lives, or somebody recovers it now. False: nobody can tell from here, and somebody should look. */
  readonly isInUse: boolean;
}

export interface RecoveryReport {
  /** Over all processes. */
  readonly recovered: number;
  readonly processes: readonly RecoveredProcess[];
  readonly spared: readonly SparedFile[];
  /** What stood in the way, in words. */
  readonly troubles: readonly string[];
}
