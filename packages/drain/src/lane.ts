import { FRAME_HEADER_BYTES } from "@spillway/core";
import type { JsonBytes } from "@spillway/format";
import {
  Consumer,
  distance,
  FRAMES_OFFSET,
  type FrameHandler,
  type Gap,
  type LaneDamage,
  laneCapacity,
  laneOffset,
} from "@spillway/ring";
import type { Batch } from "./batch.ts";
import type { DeadlyFrame } from "./deadly-frame.ts";
import { FrameLines } from "./frame-lines.ts";
import type { LaneNotes } from "./lane-notes.ts";
import type { SharedClock } from "./shared-clock.ts";
import { writeMissing } from "./unreadable.ts";

/**
 * Where batches come from: the frames of a lane in the ring (here), or those that did not fit there (overflow-lane.ts).
 * Positions are unsigned and wrap at 2^32.
 */
export interface Source {
  readonly index: number;
  readonly hasMore: boolean;
  readonly drainedTo: number;
  readonly ackedTo: number;
  readonly committedTo: number;
  /**
   * The next lines, up to position `until` where that is given, of `frames` frames at most; undefined when there are none.
   * The frames stay until they are acked. The batch's text is only valid until the next call, on any source. `deadly`: the
   * first frame is that one.
   */
  take(until: number | undefined, frames?: number, deadly?: DeadlyFrame): Batch | undefined;
  /** Gives everything before `position` back to the producer. */
  ack(position: number): void;
}

export type DamageHandler = (damage: LaneDamage) => void;

/** The worker's end of a lane: takes frames and makes lines of them. */
export class Lane implements Source {
  readonly index: number;
  readonly consumer: Consumer;
  readonly #notes: LaneNotes | undefined;
  readonly #lines: FrameLines;
  readonly #told: DamageHandler | undefined;
  readonly #capacity: number;
  readonly #offset: number;

  /** `told`: learns what could not be read, and where in the lane. */
  constructor(
    memory: SharedArrayBuffer,
    index: number,
    text: JsonBytes,
    clock?: SharedClock,
    notes?: LaneNotes,
    told?: DamageHandler,
  ) {
    this.#capacity = laneCapacity(memory);
    this.#offset = laneOffset(index, this.#capacity);
    this.index = index;
    this.consumer = new Consumer(memory, index);
    this.#notes = notes;
    this.#lines = new FrameLines(memory, index, text, clock);
    this.#told = told;
    if (told !== undefined) this.#lines.onUnreadable = this.#onUnreadable;
  }

  set onTime(told: FrameLines["onTime"]) {
    this.#lines.onTime = told;
  }

  get hasMore(): boolean {
    return this.consumer.hasMore;
  }

  get drainedTo(): number {
    return this.consumer.drainedTo;
  }

  get ackedTo(): number {
    return this.consumer.ackedTo;
  }

  get committedTo(): number {
    return this.consumer.committedTo;
  }

  take(until: number | undefined, frames?: number, deadly?: DeadlyFrame): Batch | undefined {
    const { consumer } = this;
    const lines = this.#lines;
    if (!consumer.hasMore) return undefined;
    lines.begin();
    const startsAt = consumer.drainedTo;
    const limitBytes = until === undefined ? undefined : (until - startsAt) >>> 0;
    const startsWith = consumer.seqAt(startsAt) ?? 0;
    const onFrame: FrameHandler =
      deadly === undefined ? this.#onFrame : (tag, offset, length) => deadly.add(lines, tag, offset, length);
    consumer.drain(onFrame, frames ?? Number.POSITIVE_INFINITY, limitBytes, this.#onGap);
    return {
      laneIndex: this.index,
      startsAt,
      endsAt: consumer.drainedTo,
      frameBytes: distance(startsAt, consumer.drainedTo),
      startsWith,
      endsWith: consumer.seqAt(consumer.drainedTo) ?? 0,
      text: lines.text,
      bytes: lines.text.at,
      records: lines.records,
      quarantined: lines.quarantined,
      farFiles: lines.farFiles,
    };
  }

  ack(position: number): void {
    const seq = this.consumer.seqAt(position);
    if (seq === undefined) return;
    this.#notes?.ack(position, seq);
    this.consumer.ack(position);
  }

  readonly #onFrame = (tag: number, offset: number, length: number): boolean => this.#lines.add(tag, offset, length);

  /** Where frames are missing; the line that says so stands where their lines would. */
  readonly #onGap = (gap: Gap): void => {
    this.#lines.quarantined += gap.frames;
    this.#lines.records += gap.frames;
    writeMissing(this.#lines.text, this.index, gap);
    if (this.#told !== undefined) this.#tell(gap, this.#told);
  };

  readonly #onUnreadable = (offset: number, length: number, what: string): void => {
    const from = offset - this.#offset;
    this.#told?.({ from: from - FRAME_HEADER_BYTES, to: from + length, what, missing: 0 });
  };

  /** A stretch that passes the end of the ring is two in the file. */
  #tell({ from, to, frames, reason }: Gap, told: DamageHandler): void {
    const first = FRAMES_OFFSET + (from & (this.#capacity - 1));
    const end = FRAMES_OFFSET + this.#capacity;
    const bytes = distance(from, to);
    const what = `frames: ${reason} at position ${from}`;
    told({ from: first, to: Math.min(end, first + bytes), what, missing: frames });
    if (first + bytes > end) told({ from: FRAMES_OFFSET, to: first + bytes - this.#capacity, what, missing: 0 });
  }
}
