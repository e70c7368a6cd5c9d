import { RecordTooLargeError, UndurableError } from "@spillway/core";
import { Batch } from "./batch.ts";
import type { Cursor } from "./cursor.ts";
import { errnoOf, removeWalFiles, type WalFileOperations } from "./files.ts";
import { WAL_FRAMES_OFFSET, WAL_MAX_PAYLOAD_BYTES, walFrameBytes } from "./layout.ts";
import type { OldSegments } from "./old-segments.ts";
import { Segment } from "./segment.ts";
import { Waiters } from "./waiters.ts";

const BATCH_BYTES = 2 ** 20;
const MAX_TAKEN_NUMBERS = 8;

export interface WalCounts {
  readonly appended: number;
  readonly durable: number;
  /** Given up: neither the segment nor a new one took them. */
  readonly undurable: number;
  /** Neither yet. */
  readonly pending: number;
  /** Segments that were abandoned because a write or a sync failed. */
  readonly abandoned: number;
}

/** What `openWal` found and decided. */
export interface WalStart {
  readonly path: string;
  readonly uuid: string;
  readonly epoch: number;
  readonly segmentBytes: number;
  readonly maxPendingBytes: number;
  /** Number of the next segment. */
  readonly nextNumber: number;
  readonly firstSeq: number;
  readonly durableTo: number;
  readonly prunedTo: number;
  readonly cursor: Cursor;
  readonly old: OldSegments;
  readonly fs: WalFileOperations;
  readonly onTrouble: (error: Error) => void;
}

/**
 * The writing end of a write-ahead log.
 *
 *   append  ->  pending  ->  written  ->  synced: durable
 *                               |
 *                               +--  write or sync failed: the segment is abandoned, the same frames go to a new one
 *                                       +--  that failed as well: given up, counted, told
 *
 * Frames are committed in groups: one sync in the background serves all that was appended before it began, and what is
 * appended meanwhile goes with the next. `syncNow` does the same on the calling thread.
 */
export class Wal {
  readonly path: string;
  readonly #start: WalStart;
  readonly #batchBytes: number;
  /** Every number up to it is durable or given up. */
  #settledTo: number;
  #durableTo: number;
  #prunedTo: number;
  #lastSeq: number;
  #nextNumber: number;
  #pending: Batch[] = [];
  #pendingBytes = 0;
  /** Taken from pending, not settled: kept until then, because they may have to be written again. */
  #unsettled: Batch[] = [];
  #segment: Segment | undefined;
  #spare: Buffer | undefined;
  readonly #waiters = new Waiters();
  #isArmed = false;
  #isCommitting = false;
  #closing: Promise<void> | undefined;
  #durable = 0;
  #undurable = 0;
  #abandoned = 0;

  constructor(start: WalStart) {
    this.path = start.path;
    this.#start = start;
    this.#batchBytes = Math.min(BATCH_BYTES, start.segmentBytes - WAL_FRAMES_OFFSET);
    this.#lastSeq = start.firstSeq - 1;
    this.#settledTo = this.#lastSeq;
    this.#durableTo = start.durableTo;
    this.#prunedTo = start.prunedTo;
    this.#nextNumber = start.nextNumber;
  }

  /** The number of the last frame that was appended, now or by an earlier process. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Every frame up to it is durable or was given up. */
  get settledTo(): number {
    return this.#settledTo;
  }

  get prunedTo(): number {
    return this.#prunedTo;
  }

  counts(): WalCounts {
    const [durable, undurable, abandoned] = [this.#durable, this.#undurable, this.#abandoned];
    const pending = this.#lastSeq - this.#settledTo;
    return { appended: durable + undurable + pending, durable, undurable, pending, abandoned };
  }

  /** Takes a copy of the payload. Durable soon, in the background; `durable` and `syncNow` say when. */
  append(tag: number, payload: Uint8Array): number {
    if (this.#closing !== undefined) throw new UndurableError(this.path, "closed", 1);
    if (payload.length > WAL_MAX_PAYLOAD_BYTES) throw new RecordTooLargeError(payload.length, WAL_MAX_PAYLOAD_BYTES);
    const bytes = walFrameBytes(payload.length);
    let batch = this.#pending.at(-1);
    if (batch === undefined || batch.length + bytes > this.#batchBytes) {
      batch = new Batch(this.#lastSeq + 1, this.#spare);
      this.#spare = undefined;
      this.#pending.push(batch);
    }
    this.#lastSeq = batch.put(tag, payload, this.#start.epoch);
    this.#pendingBytes += bytes;
    // A disk that hangs must not fill the memory: from here on the caller waits for it.
    if (this.#pendingBytes > this.#start.maxPendingBytes) this.#commitNow();
    else this.#arm();
    return this.#lastSeq;
  }

  /** Returns when all that was appended is durable; throws UndurableError when some of it is given up. */
  syncNow(): void {
    const error = this.#commitNow();
    const untold = this.#waiters.takeUntold();
    if (error !== undefined || untold !== undefined) throw error ?? untold;
  }

  /** Resolves when all that was appended before is durable; rejects with UndurableError when some of it is given up. */
  durable(): Promise<void> {
    return this.#waiters.wait(this.#lastSeq, this.#settledTo);
  }

  /**
   * Frames up to `seq` are needed no more: no reader gets them from now on, a kill notwithstanding. Resolves when the
   * segments that hold nothing else are gone; what hinders that is told, and tried again with the next call.
   */
  async prune(seq: number): Promise<void> {
    const to = Math.min(seq, this.#lastSeq);
    if (!(to > this.#prunedTo) || !Number.isSafeInteger(to)) return;
    try {
      this.#start.cursor.store(to);
    } catch (error) {
      this.#start.onTrouble(error as Error);
      return;
    }
    this.#prunedTo = to;
    await this.#start.old.remove(to);
  }

  /** Makes durable what is pending, then gives everything back. Rejects as `durable` does. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Nothing in it is needed by anybody: gives everything back, and removes the log's files. Whoever waits is served. */
  remove(): void {
    this.#closing ??= Promise.resolve();
    this.#pending = [];
    this.#unsettled = [];
    this.#settledTo = this.#lastSeq;
    this.#waiters.serve(this.#lastSeq);
    this.#segment?.leave();
    this.#segment = undefined;
    this.#start.cursor.close();
    removeWalFiles(this.path, this.#start.fs);
  }

  async #close(): Promise<void> {
    let failure: UndurableError | undefined;
    const note = (error: UndurableError): void => {
      failure ??= error;
    };
    do await this.durable().catch(note);
    while (this.#settledTo < this.#lastSeq);
    this.#retire();
    await this.#start.old.remove(this.#prunedTo);
    this.#start.cursor.close();
    if (failure !== undefined) throw failure;
  }

  /** All that is appended in this turn of the event loop goes with one sync. */
  #arm(): void {
    if (this.#isArmed || this.#isCommitting) return;
    this.#isArmed = true;
    setImmediate(() => {
      this.#isArmed = false;
      if (this.#isCommitting || this.#pending.length === 0) return;
      this.#isCommitting = true;
      this.#unsettled.push(this.#pending.shift()!);
      this.#pendingBytes -= this.#unsettled[0]!.length;
      this.#commitLater(false);
    });
  }

  #commitLater(isSecond: boolean): void {
    let segment: Segment;
    try {
      segment = this.#write();
    } catch (error) {
      this.#abandon();
      this.#tryAgain(error, isSecond);
      return;
    }
    const to = this.#unsettled.at(-1)!.lastSeq;
    segment.syncLater((error) => {
      // While it was on its way, syncNow may have settled these frames, or have left this segment for another one.
      if (segment !== this.#segment) this.#finish();
      else if (error === null) {
        if (to > this.#settledTo) this.#settle(to);
        this.#finish();
      } else {
        this.#abandon();
        this.#tryAgain(error, isSecond);
      }
    });
  }

  #tryAgain(error: unknown, isSecond: boolean): void {
    if (this.#unsettled.length > 0 && !isSecond) {
      this.#commitLater(true);
      return;
    }
    if (this.#unsettled.length > 0) this.#giveUp(error);
    this.#finish();
  }

  #finish(): void {
    this.#isCommitting = false;
    // Those who were waiting append again before this begins, and go with it.
    if (this.#pending.length > 0) this.#arm();
  }

  /** Settles everything on the calling thread; answers what had to be given up. */
  #commitNow(): UndurableError | undefined {
    this.#unsettled.push(...this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    for (let isSecond = false; this.#unsettled.length > 0; isSecond = true) {
      const before = this.#settledTo;
      try {
        this.#write().syncNow();
        this.#settle(this.#unsettled.at(-1)!.lastSeq);
      } catch (error) {
        this.#keepWritten();
        this.#abandon();
        // A disk that fills up may have taken some of it: the rest has both its tries still.
        if (isSecond && this.#settledTo === before) return this.#giveUp(error);
      }
    }
    return undefined;
  }

  /** Writes what is unsettled and not written yet; answers the segment that holds it. */
  #write(): Segment {
    for (const batch of this.#unsettled) {
      if (batch.writtenTo !== undefined) continue;
      if (this.#segment !== undefined && this.#segment.bytes + batch.length > this.#start.segmentBytes) {
        this.#settleWritten(this.#segment);
        this.#retire();
      }
      this.#segment ??= this.#makeSegment(batch.firstSeq);
      this.#segment.write(batch.bytes, batch.lastSeq);
      batch.writtenTo = this.#segment;
    }
    return this.#segment!;
  }

  /** What the segment holds and nobody has synced yet. */
  #settleWritten(segment: Segment): void {
    const written = this.#unsettled.findLast((batch) => batch.writtenTo === segment);
    if (written === undefined) return;
    segment.syncNow();
    this.#settle(written.lastSeq);
  }

  /** After a failed write, the batches before it can still be synced where they are; a failed sync says no once more. */
  #keepWritten(): void {
    const segment = this.#segment;
    if (segment === undefined || this.#unsettled.every((batch) => batch.writtenTo === segment)) return;
    try {
      this.#settleWritten(segment);
    } catch {
      // They are written again with the rest.
    }
  }

  #makeSegment(firstSeq: number): Segment {
    const { path, uuid, epoch, segmentBytes: capacity, fs } = this.#start;
    const rest = { uuid, epoch, firstSeq, settledTo: this.#durableTo, prunedTo: this.#prunedTo, capacity };
    for (let taken = 0; ; taken++) {
      const number = this.#nextNumber++;
      try {
        return new Segment(path, { ...rest, number, created: Date.now(), pid: process.pid }, fs);
      } catch (error) {
        // Somebody else's file: never written to.
        if (errnoOf(error) !== "EEXIST" || taken === MAX_TAKEN_NUMBERS) throw error;
      }
    }
  }

  /** The segment is full, or the log is closed: all in it is settled. */
  #retire(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    segment.leave();
    if (segment.hasDurable) this.#start.old.add({ file: segment.file, lastSeq: segment.lastSeq, isEvidence: false });
  }

  /** Something failed in the segment. Its descriptors are not used again, what is not settled is written to another. */
  #abandon(): void {
    for (const batch of this.#unsettled) batch.writtenTo = undefined;
    if (this.#segment === undefined) return;
    this.#abandoned++;
    this.#retire();
  }

  #settle(to: number): void {
    const done = this.#unsettled.filter((batch) => batch.lastSeq <= to);
    for (const batch of done) {
      this.#durable += batch.frames;
      if (batch.memory.length <= BATCH_BYTES) this.#spare = batch.memory;
    }
    this.#unsettled = this.#unsettled.filter((batch) => batch.lastSeq > to);
    this.#settledTo = to;
    this.#durableTo = to;
    this.#waiters.serve(to);
  }

  #giveUp(cause: unknown): UndurableError {
    const count = this.#unsettled.reduce((sum, batch) => sum + batch.frames, 0);
    this.#settledTo = this.#unsettled.at(-1)!.lastSeq;
    this.#unsettled = [];
    this.#undurable += count;
    const error = new UndurableError(this.path, errnoOf(cause), count, cause);
    this.#waiters.refuse(error);
    this.#start.onTrouble(error);
    return error;
  }
}
