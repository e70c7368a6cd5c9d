import { closeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import {
  CONTROL_BYTES,
  CONTROL_EPOCH,
  ENTRY_LINE,
  FRAME_CRITICAL,
  frameTag,
  type NamedSinkSpec,
  putCriticalEntry,
  UndurableError,
} from "@spillway/core";
import { LaneCounters, laneCapacity } from "@spillway/ring";
import { createWalOwner, loadNative, openWal, ownIdentity, type Wal, type WalRings, walName } from "@spillway/spill";
import type { LineReaderLike } from "./drain-code.ts";
import { LogFiles } from "./log-files.ts";
import { WalPruner } from "./wal-pruner.ts";

/** While no log can be opened, one record in so long a time tries again. */
const RETRY_MS = 100;
/** Trouble that comes and goes is told this often at most. */
const TELL_EVERY_MS = 5000;

/** What makes records critical, and where their logs are. Plain data: every thread needs it. */
export interface CriticalPlan {
  /** The numbers of the levels. */
  readonly levels: readonly number[];
  readonly stem: string;
}

/** A committed record: where its frame is, and where its payload can be read now. */
export interface CommittedRecord {
  readonly position: number;
  readonly seq: number;
  /** BEYOND_RING, or 0. */
  readonly flags: number;
  readonly levelIndex: number;
  /** Of the payload, in the engine's memory; in `outside` where it is not there. */
  readonly offset: number;
  readonly length: number;
  readonly outside?: Buffer;
}

export interface CriticalLogParts {
  readonly memory: SharedArrayBuffer;
  readonly lane: number;
  readonly plan: CriticalPlan;
  readonly sinks: readonly NamedSinkSpec[];
  /** Undefined: the lanes have no ring files. */
  readonly rings: WalRings | undefined;
  /** Whether a call returns only when its record is on the disk. */
  readonly isSync: boolean;
  readonly makeReader: () => LineReaderLike;
  readonly trouble: (message: string) => void;
}

/**
 * A thread's write-ahead log of critical records: one per lane, opened with the first such record, so that a thread that
 * logs none makes no file and no sync. Nothing here throws into a log call: what cannot be made durable is counted, told
 * once, and `durable()` rejects.
 */
export class CriticalLog {
  readonly log: string;
  readonly #parts: CriticalLogParts;
  readonly #epoch: number;
  readonly #counters: LaneCounters;
  #reader: LineReaderLike | undefined;
  #wal: Wal | undefined;
  #pruner: WalPruner | undefined;
  /** Holds the lock that says that the owner lives. */
  #lock: number | undefined;
  /** What was given up here, rather than by the log, and nobody has been told of who asks. */
  #untold: UndurableError | undefined;
  #failure: unknown;
  #retryAt = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** How many were durable when that was told. */
  #durableThen = -1;
  #isClosed = false;

  constructor(parts: CriticalLogParts) {
    const { memory, lane, plan } = parts;
    this.#parts = parts;
    this.#epoch = new Int32Array(memory, 0, CONTROL_BYTES / 4)[CONTROL_EPOCH]!;
    this.log = walName(plan.stem, process.pid, this.#epoch, lane);
    this.#counters = new LaneCounters(memory, lane);
  }

  isCritical(level: number): boolean {
    return this.#parts.plan.levels.includes(level);
  }

  /** The record is in the ring, or behind it. Returns, with `isSync`, when it is on the disk too. */
  add(record: CommittedRecord): void {
    try {
      const entry = this.#entryOf(record);
      const wal = this.#opened();
      wal.append(frameTag(FRAME_CRITICAL, record.levelIndex, record.flags), entry);
      this.#pruner?.touch();
      if (this.#parts.isSync) this.#syncNow(wal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#giveUp(error instanceof UndurableError ? error : new UndurableError(this.log, code ?? "UNKNOWN", 1, error));
    }
  }

  /**
   * Resolves when all critical records that this thread has logged are on the disk. Rejects with UndurableError when some
   * of those since the last call cannot be put there.
   */
  async durable(): Promise<void> {
    const here = this.#untold;
    this.#untold = undefined;
    try {
      await this.#wal?.durable();
    } catch (error) {
      throw here !== undefined && error instanceof UndurableError ? together(here, error) : error;
    }
    if (here !== undefined) throw here;
  }

  /** What is on its way is on the disk, or given up and told. */
  syncNow(): void {
    if (this.#wal !== undefined && this.#wal.counts().pending > 0) this.#syncNow(this.#wal);
  }

  /** Everything is delivered and on the disk: removes the log. */
  remove(): void {
    this.#isClosed = true;
    this.#pruner?.stop();
    this.#wal?.remove();
    if (this.#lock !== undefined) closeSync(this.#lock);
    this.#lock = undefined;
  }

  /** The thread gives its lane up; whoever has it next goes on with the log. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pruner?.stop();
    await this.#wal?.close().catch(() => undefined);
    if (this.#lock !== undefined) closeSync(this.#lock);
    this.#lock = undefined;
  }

  #syncNow(wal: Wal): void {
    try {
      wal.syncNow();
    } catch (error) {
      // Counted and told by the log; this is for whoever asks with durable().
      if (error instanceof UndurableError) this.#untold = together(this.#untold, error);
      else throw error;
    }
  }

  #entryOf(record: CommittedRecord): Uint8Array {
    this.#reader ??= this.#parts.makeReader();
    const line = this.#reader.lineOf(record.levelIndex, record.offset, record.length, record.outside);
    const entry = Buffer.allocUnsafe(ENTRY_LINE + line.length);
    putCriticalEntry(entry, { ...record, epoch: this.#epoch, lane: this.#parts.lane }, line);
    return entry;
  }

  #opened(): Wal {
    if (this.#wal !== undefined) return this.#wal;
    if (this.#isClosed) throw new UndurableError(this.log, "closed", 1);
    const now = performance.now();
    if (now < this.#retryAt) throw this.#failure;
    try {
      this.#lock ??= this.#own();
      const wal = openWal(this.log, { onTrouble: (error) => this.#troubled(error) });
      const { memory, lane, sinks, trouble } = this.#parts;
      this.#pruner = new WalPruner(wal, new LogFiles(memory, [lane], sinks), memory, lane, trouble);
      this.#wal = wal;
      return wal;
    } catch (error) {
      this.#failure = error;
      this.#retryAt = now + RETRY_MS;
      throw error;
    }
  }

  #own(): number {
    const { memory, lane, plan, sinks, rings } = this.#parts;
    const native = loadNative();
    const owner = {
      identity: ownIdentity(),
      // Node closes what a thread has opened when the thread ends, and the process may live on.
      hasLock: native !== undefined && isMainThread,
      epoch: this.#epoch,
      lane,
      capacity: laneCapacity(memory),
      sinks,
      createdAt: new Date().toISOString(),
      walStem: plan.stem,
      rings,
    };
    return createWalOwner(this.log, owner, native);
  }

  /** Told by the log, in whatever turn of the event loop. */
  #troubled(error: Error): void {
    if (error instanceof UndurableError) this.#count(error);
    else this.#parts.trouble(`${this.log}: ${error.message}`);
  }

  #giveUp(error: UndurableError): void {
    this.#untold = together(this.#untold, error);
    this.#count(error);
  }

  #count(error: UndurableError): void {
    this.#counters.addUndurable(error.count);
    const durable = this.#wal?.counts().durable ?? 0;
    const now = performance.now();
    const isNew = durable !== this.#durableThen && now - this.#toldAt >= TELL_EVERY_MS;
    this.#durableThen = durable;
    if (!isNew) return;
    this.#toldAt = now;
    this.#parts.trouble(`critical records cannot be made durable in ${this.log}: ${error.errno}; they are counted`);
  }
}

function together(one: UndurableError | undefined, other: UndurableError): UndurableError {
  if (one === undefined) return other;
  return new UndurableError(other.path, other.errno, one.count + other.count, other.cause);
}
