import { readFileSync } from "node:fs";
import {
  FRAME_DROPPED,
  FRAME_FAR,
  FRAME_HEADER_BYTES,
  FRAME_RECORD,
  FRAME_TEXT,
  frameKind,
  frameLevelIndex,
} from "@spillway/core";
import { type JsonBytes, JsonLines } from "@spillway/format";
import {
  Consumer,
  dictionaryRegion,
  distance,
  FRAMES_OFFSET,
  type Gap,
  type LaneDamage,
  laneCapacity,
  laneOffset,
} from "@spillway/ring";
import { DictionaryReader } from "@spillway/wire";
import type { Batch } from "./batch.ts";
import { writeDropReport } from "./drop-report.ts";
import { LaneMirror } from "./lane-mirror.ts";
import type { SharedClock } from "./shared-clock.ts";
import { writeMissing, writeUnreadable } from "./unreadable.ts";

/** A batch is closed when its text has reached this: one write of a few hundred kilobytes is as fast as it gets. */
const BATCH_BYTES = 256 * 1024;
/** The shared clock is refreshed this often within a batch, which takes a millisecond or two to format. */
const FRAMES_PER_LOOK = 256;
/** What stays of the memory for a batch's text. */
const KEPT_BYTES = 4 * 1024 * 1024;
const TEXT_OFFSET = 8;

export type DamageHandler = (damage: LaneDamage) => void;

/** The worker's end of a lane: takes frames and makes lines of them. */
export class Lane {
  readonly index: number;
  readonly consumer: Consumer;
  readonly #mirror: LaneMirror;
  readonly #memory: Buffer;
  readonly #dictionary: DictionaryReader;
  readonly #text: JsonBytes;
  readonly #lines: JsonLines;
  readonly #clock: SharedClock | undefined;
  #frames = 0;
  #records = 0;
  #quarantined = 0;
  #farFiles: string[] = [];
  readonly #told: DamageHandler | undefined;
  readonly #capacity: number;
  readonly #offset: number;

  /** `told`: learns what could not be read, and where in the lane. */
  constructor(memory: SharedArrayBuffer, index: number, text: JsonBytes, clock?: SharedClock, told?: DamageHandler) {
    this.#told = told;
    this.#capacity = laneCapacity(memory);
    this.#offset = laneOffset(index, this.#capacity);
    this.#clock = clock;
    this.index = index;
    this.consumer = new Consumer(memory, index);
    this.#mirror = new LaneMirror(memory, index);
    this.#memory = Buffer.from(memory);
    this.#dictionary = new DictionaryReader(dictionaryRegion(memory, index));
    this.#text = text;
    this.#lines = new JsonLines(this.#memory, this.#dictionary, text);
  }

  /**
   * The next lines, up to position `until` where that is given; undefined when there are none. The frames stay in the
   * ring until they are acked. The batch's text is only valid until the next call, on any lane.
   */
  take(until: number | undefined): Batch | undefined {
    const consumer = this.consumer;
    if (!consumer.hasMore) return undefined;
    this.#dictionary.refresh();
    const startsAt = consumer.drainedTo;
    const limitBytes = until === undefined ? undefined : (until - startsAt) >>> 0;
    this.#text.clear(KEPT_BYTES);
    this.#records = 0;
    this.#quarantined = 0;
    this.#farFiles = [];
    const startsWith = consumer.seqAt(startsAt) ?? 0;
    consumer.drain(this.#onFrame, Number.POSITIVE_INFINITY, limitBytes, this.#onGap);
    return {
      laneIndex: this.index,
      startsAt,
      endsAt: consumer.drainedTo,
      startsWith,
      endsWith: consumer.seqAt(consumer.drainedTo) ?? 0,
      text: this.#text,
      bytes: this.#text.at,
      records: this.#records,
      quarantined: this.#quarantined,
      farFiles: this.#farFiles,
    };
  }

  /** Gives everything before `position` back to the producer. */
  ack(position: number): void {
    const seq = this.consumer.seqAt(position);
    if (seq === undefined) return;
    this.#mirror.ack(position, seq);
    this.consumer.ack(position);
  }

  /** Where frames are missing; the line that says so stands where their lines would. */
  readonly #onGap = (gap: Gap): void => {
    this.#quarantined += gap.frames;
    this.#records += gap.frames;
    writeMissing(this.#text, this.index, gap);
    if (this.#told !== undefined) this.#tell(gap, this.#told);
  };

  readonly #onFrame = (tag: number, offset: number, length: number): boolean => {
    const text = this.#text;
    if (text.at >= BATCH_BYTES) return false;
    if ((++this.#frames & (FRAMES_PER_LOOK - 1)) === 0) this.#clock?.refresh();
    const before = text.at;
    try {
      this.#writeFrame(tag, offset, length);
    } catch (error) {
      text.at = before;
      this.#quarantined++;
      this.#records++;
      writeUnreadable(text, error);
      const what = error instanceof Error ? error.message : String(error);
      const from = offset - this.#offset;
      this.#told?.({ from: from - FRAME_HEADER_BYTES, to: from + length, what, missing: 0 });
    }
    return true;
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

  #writeFrame(tag: number, offset: number, length: number): void {
    switch (frameKind(tag)) {
      case FRAME_RECORD:
        this.#lines.write(offset, frameLevelIndex(tag), length);
        this.#records++;
        return;
      case FRAME_TEXT:
        this.#text.copy(this.#memory, offset + TEXT_OFFSET, length - TEXT_OFFSET);
        this.#records++;
        return;
      case FRAME_DROPPED:
        writeDropReport(this.#text, this.#memory, offset, this.#dictionary);
        return;
      case FRAME_FAR:
        this.#writeFar(this.#memory.utf8Slice(offset, offset + length), frameLevelIndex(tag));
        return;
      default:
        throw new Error(`frame of unknown kind ${frameKind(tag)}`);
    }
  }

  #writeFar(path: string, levelIndex: number): void {
    const file = readFileSync(path);
    // Its own memory, aligned: the words of the record are read in place.
    const payload = Buffer.allocUnsafeSlow((file.length + 7) & ~7);
    file.copy(payload);
    new JsonLines(payload, this.#dictionary, this.#text).write(0, levelIndex, file.length);
    this.#farFiles.push(path);
    this.#records++;
  }
}
