import {
  Consumer,
  isBefore,
  laneCapacity,
  laneOffset,
  OVERFLOW_ACKED_OFFSET,
  OVERFLOW_WORDS_OFFSET,
} from "@spillway/ring";
import type { Wal } from "@spillway/spill";
import type { LogFiles } from "./log-files.ts";

/** Syncing a log costs the disk: once in so long a time at most, however many critical records there are. */
const PRUNE_EVERY_MS = 1000;
const LOOK_MS = 100;

/** Everything of the lane up to here has to be in every sink, and every file sink on the disk. */
interface Mark {
  readonly seq: number;
  readonly position: number;
  readonly written: number;
}

/**
 * Prunes the write-ahead log of a lane: what every sink has, and a sync has put onto the disk, nobody needs there. Works
 * in turns of the event loop, and only while there is something to prune; keeps no process alive.
 *
 * When a log file cannot be synced, nothing is pruned any more: the system tells of a failed write once, and counts the
 * pages as clean, so that the next sync would succeed without them. The next start delivers those records again.
 */
export class WalPruner {
  readonly #wal: Wal;
  readonly #files: LogFiles;
  readonly #consumer: Consumer;
  readonly #written: Int32Array;
  readonly #acked: Int32Array;
  readonly #trouble: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #mark: Mark | undefined;
  #isStopped = false;

  constructor(wal: Wal, files: LogFiles, memory: SharedArrayBuffer, lane: number, trouble: (message: string) => void) {
    this.#wal = wal;
    this.#files = files;
    this.#consumer = new Consumer(memory, lane);
    const overflow = laneOffset(lane, laneCapacity(memory)) + OVERFLOW_WORDS_OFFSET;
    this.#written = new Int32Array(memory, overflow, 1);
    this.#acked = new Int32Array(memory, overflow + OVERFLOW_ACKED_OFFSET, 1);
    this.#trouble = trouble;
  }

  /** Something was appended. */
  touch(): void {
    if (this.#timer === undefined && !this.#isStopped) this.#wait(PRUNE_EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => void this.#turn(), ms);
    this.#timer.unref();
  }

  async #turn(): Promise<void> {
    this.#mark ??= {
      seq: this.#wal.lastSeq,
      position: this.#consumer.committedTo,
      written: Atomics.load(this.#written, 0),
    };
    try {
      if (!this.#isDelivered(this.#mark)) {
        this.#files.look();
        this.#wait(LOOK_MS);
        return;
      }
      const { seq } = this.#mark;
      this.#mark = undefined;
      await this.#files.sync();
      if (!this.#isStopped) await this.#wal.prune(seq);
    } catch (error) {
      this.stop();
      const reason = error instanceof Error ? error.message : String(error);
      this.#trouble(
        `a log cannot be synced (${reason}): ${this.#wal.path} keeps its critical records for the next start`,
      );
    }
    this.#timer = undefined;
    if (this.#wal.lastSeq > this.#wal.prunedTo) this.touch();
  }

  #isDelivered({ position, written }: Mark): boolean {
    if (isBefore(this.#consumer.ackedTo, position)) return false;
    return ((Atomics.load(this.#acked, 0) - written) | 0) >= 0;
  }
}
