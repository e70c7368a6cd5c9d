import { statSync } from "node:fs";
import type { NotePlace, RingDamage } from "@spillway/core";
import type { JsonBytes } from "@spillway/format";
import { laneCapacity, laneOffset, OVERFLOW_WORDS_OFFSET } from "@spillway/ring";
import {
  OVERFLOW_ACKED,
  OVERFLOW_WORD_UNIT,
  OVERFLOW_WORDS,
  OVERFLOW_WRITTEN,
  type OverflowDamageHandler,
  OverflowReader,
  overflowPaths,
  overflowStreamName,
} from "@spillway/spill";
import type { Batch } from "./batch.ts";
import type { DeadlyFrame } from "./deadly-frame.ts";
import { FrameLines } from "./frame-lines.ts";
import type { Source } from "./lane.ts";
import type { SharedClock } from "./shared-clock.ts";
import { writeMissing } from "./unreadable.ts";

/**
 * The frames of a lane that did not fit into the ring, in files. They are all younger than what is in the ring: the
 * producer goes back there only when the last of them is acked.
 *
 * Positions are those of the overflow stream in units of 16 bytes, so that they wrap as the ring's do.
 */
export class OverflowLane implements Source {
  /** Behind the indexes of the lanes themselves. */
  readonly index: number;
  readonly #lane: number;
  readonly #lines: FrameLines;
  readonly #words: Int32Array;
  readonly #place: NotePlace;
  #reader: OverflowReader | undefined;
  readonly #told: ((damage: RingDamage) => void) | undefined;
  /** Of a dead process: nobody says how much there is, so one reads until there is no more. */
  #isAtEnd = false;
  /** Of the batch under way. */
  #framesLeft = 0;
  #deadly: DeadlyFrame | undefined;

  constructor(
    memory: SharedArrayBuffer,
    lane: number,
    lanes: number,
    text: JsonBytes,
    clock: SharedClock | undefined,
    place: NotePlace,
    told?: (damage: RingDamage) => void,
  ) {
    this.index = lanes + lane;
    this.#lane = lane;
    this.#lines = new FrameLines(memory, lane, text, clock);
    this.#words = new Int32Array(
      memory,
      laneOffset(lane, laneCapacity(memory)) + OVERFLOW_WORDS_OFFSET,
      OVERFLOW_WORDS,
    );
    this.#place = place;
    this.#told = told;
  }

  set onTime(told: FrameLines["onTime"]) {
    this.#lines.onTime = told;
  }

  get hasMore(): boolean {
    if (this.#place === undefined) return false;
    if ("files" in this.#place) return !this.#isAtEnd;
    if (this.#reader === undefined) return this.committedTo !== this.ackedTo;
    return this.#reader.hasMore;
  }

  get drainedTo(): number {
    return this.#reader === undefined ? this.ackedTo : unitsOf(this.#reader.drainedTo);
  }

  get ackedTo(): number {
    // Of a dead process the files say it; the word has no check.
    if (this.#isFromFiles) return unitsOf(this.#open().ackedTo);
    if (this.#reader !== undefined) return unitsOf(this.#reader.ackedTo);
    return Atomics.load(this.#words, OVERFLOW_ACKED) >>> 0;
  }

  get committedTo(): number {
    if (this.#isFromFiles) return this.drainedTo;
    // Pairs with the store in OverflowWriter.append().
    return Atomics.load(this.#words, OVERFLOW_WRITTEN) >>> 0;
  }

  /** Of a dead process: bytes of the segments, which are somewhat more than what is left to be read. */
  get bytesInFiles(): number {
    if (!this.#isFromFiles) return 0;
    const bytes = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return overflowPaths(this.#place!.place.folder, this.#stream).reduce((sum, path) => sum + bytes(path), 0);
  }

  take(until: number | undefined, frames?: number, deadly?: DeadlyFrame): Batch | undefined {
    if (!this.hasMore) return undefined;
    const reader = this.#open();
    const lines = this.#lines;
    lines.begin();
    const from = reader.drainedTo;
    const startsAt = unitsOf(from);
    this.#framesLeft = frames ?? Number.POSITIVE_INFINITY;
    this.#deadly = deadly;
    const limit = until === undefined ? undefined : ((until - startsAt) >>> 0) * OVERFLOW_WORD_UNIT;
    reader.drain(this.#onFrame, this.#onDamage, limit);
    if (reader.drainedTo === from) {
      this.#isAtEnd = this.#isFromFiles;
      return undefined;
    }
    return {
      laneIndex: this.index,
      startsAt,
      endsAt: unitsOf(reader.drainedTo),
      frameBytes: reader.drainedTo - from,
      startsWith: 0,
      endsWith: 0,
      text: lines.text,
      bytes: lines.text.at,
      records: lines.records,
      quarantined: lines.quarantined,
      farFiles: lines.farFiles,
    };
  }

  ack(position: number): void {
    const reader = this.#open();
    reader.ack(reader.ackedTo + ((position - unitsOf(reader.ackedTo)) >>> 0) * OVERFLOW_WORD_UNIT);
  }

  /** All of it is delivered: removes the files of a dead process. */
  finish(): void {
    if (this.#isFromFiles) this.#reader?.finish();
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  get #isFromFiles(): boolean {
    return this.#place !== undefined && "files" in this.#place;
  }

  /** Of a dead process: segments in which nothing can be found. */
  lostSegments(): readonly string[] {
    try {
      return this.#isFromFiles ? this.#open().lostSegments() : [];
    } catch {
      // Then the folder could not be listed for reading either.
      return [];
    }
  }

  get #stream(): string {
    const { place, ...known } = this.#place!;
    return overflowStreamName({ ...place, lane: "lanes" in known ? known.lanes[this.#lane]! : this.#lane });
  }

  #open(): OverflowReader {
    if (this.#reader === undefined) {
      const words = this.#isFromFiles ? undefined : { words: this.#words };
      this.#reader = new OverflowReader({ folder: this.#place!.place.folder, stream: this.#stream, ...words });
    }
    return this.#reader;
  }

  readonly #onFrame = (tag: number, offset: number, length: number): boolean => {
    if (--this.#framesLeft < 0) return false;
    this.#lines.readFrom(this.#reader!.memory);
    if (this.#deadly !== undefined) return this.#deadly.add(this.#lines, tag, offset, length);
    return this.#lines.add(tag, offset, length);
  };

  readonly #onDamage: OverflowDamageHandler = (from, to, what, where) => {
    this.#lines.quarantined++;
    this.#lines.records++;
    const reason = what === "frame" ? "damaged overflow" : "an overflow segment is missing";
    writeMissing(this.#lines.text, this.#lane, { from, to, frames: 1, reason });
    if (where !== undefined) this.#told?.({ ...where, what: `overflow frames at position ${from}`, missing: 1 });
  };
}

function unitsOf(position: number): number {
  return (position / OVERFLOW_WORD_UNIT) >>> 0;
}
