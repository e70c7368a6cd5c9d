import type { JsonBytes } from "@spillway/format";
import { Consumer, type Gap, type GapHandler } from "@spillway/ring";
import type { Batch } from "./batch.ts";
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
   * The next lines, up to position `until` where that is given; undefined when there are none. The frames stay until they
   * are acked. The batch's text is only valid until the next call, on any source.
   */
  take(until: number | undefined): Batch | undefined;
  /** Gives everything before `position` back to the producer. */
  ack(position: number): void;
}

/** The worker's end of a lane: takes frames and makes lines of them. */
export class Lane implements Source {
  readonly index: number;
  readonly consumer: Consumer;
  readonly #notes: LaneNotes | undefined;
  readonly #lines: FrameLines;
  readonly #told: GapHandler | undefined;

  /** `told`: learns of stretches where frames are missing. */
  constructor(
    memory: SharedArrayBuffer,
    index: number,
    text: JsonBytes,
    clock?: SharedClock,
    notes?: LaneNotes,
    told?: GapHandler,
  ) {
    this.index = index;
    this.consumer = new Consumer(memory, index);
    this.#notes = notes;
    this.#lines = new FrameLines(memory, index, text, clock);
    this.#told = told;
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

  take(until: number | undefined): Batch | undefined {
    const { consumer } = this;
    const lines = this.#lines;
    if (!consumer.hasMore) return undefined;
    lines.begin();
    const startsAt = consumer.drainedTo;
    const limitBytes = until === undefined ? undefined : (until - startsAt) >>> 0;
    const startsWith = consumer.seqAt(startsAt) ?? 0;
    consumer.drain(this.#onFrame, Number.POSITIVE_INFINITY, limitBytes, this.#onGap);
    return {
      laneIndex: this.index,
      startsAt,
      endsAt: consumer.drainedTo,
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
    this.#told?.(gap);
  };
}
