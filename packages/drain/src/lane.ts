import { readFileSync } from "node:fs";
import { FRAME_DROPPED, FRAME_FAR, FRAME_RECORD, FRAME_TEXT, frameKind, frameLevelIndex } from "@spillway/core";
import { type JsonBytes, JsonLines } from "@spillway/format";
import { Consumer, dictionaryRegion } from "@spillway/ring";
import { DictionaryReader } from "@spillway/wire";
import type { Batch } from "./batch.ts";
import { writeDropReport } from "./drop-report.ts";
import type { LaneMirror } from "./lane-mirror.ts";
import type { SharedClock } from "./shared-clock.ts";
import { writeUnreadable } from "./unreadable.ts";

/** A batch is closed when its text has reached this: one write of a few hundred kilobytes is as fast as it gets. */
const BATCH_BYTES = 256 * 1024;
/** The shared clock is refreshed this often within a batch, which takes a millisecond or two to format. */
const FRAMES_PER_LOOK = 256;
/** What stays of the memory for a batch's text. */
const KEPT_BYTES = 4 * 1024 * 1024;
const TEXT_OFFSET = 8;

/** The worker's end of a lane: takes frames and makes lines of them. */
export class Lane {
  readonly index: number;
  readonly consumer: Consumer;
  readonly #mirror: LaneMirror | undefined;
  readonly #memory: Buffer;
  readonly #dictionary: DictionaryReader;
  readonly #text: JsonBytes;
  readonly #lines: JsonLines;
  readonly #clock: SharedClock | undefined;
  #frames = 0;
  #records = 0;
  #quarantined = 0;
  #farFiles: string[] = [];

  constructor(memory: SharedArrayBuffer, index: number, text: JsonBytes, mirror?: LaneMirror, clock?: SharedClock) {
    this.#clock = clock;
    this.index = index;
    this.consumer = new Consumer(memory, index);
    this.#mirror = mirror;
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
    try {
      consumer.drain(this.#onFrame, Number.POSITIVE_INFINITY, limitBytes);
    } catch (error) {
      // Structural damage: where the next frame begins cannot be told. The lane goes on behind what is committed now.
      this.#quarantined++;
      this.#records++;
      writeUnreadable(this.#text, error);
      consumer.rewind(consumer.committedTo);
    }
    return {
      laneIndex: this.index,
      startsAt,
      endsAt: consumer.drainedTo,
      text: this.#text,
      bytes: this.#text.at,
      records: this.#records,
      quarantined: this.#quarantined,
      farFiles: this.#farFiles,
    };
  }

  /** Gives everything before `position` back to the producer. */
  ack(position: number): void {
    this.#mirror?.ack(position);
    this.consumer.ack(position);
  }

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
    }
    return true;
  };

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
