import { readFileSync } from "node:fs";
import {
  crc32c,
  decodeFar,
  FRAME_DROPPED,
  FRAME_FAR,
  FRAME_HEADER_BYTES,
  FRAME_RECORD,
  FRAME_TEXT,
  frameKind,
  frameLevelIndex,
  RECORD_TIME,
} from "@spillway/core";
import { type JsonBytes, JsonLines } from "@spillway/format";
import { dictionaryRegion } from "@spillway/ring";
import { DictionaryReader } from "@spillway/wire";
import { writeDropReport } from "./drop-report.ts";
import type { SharedClock } from "./shared-clock.ts";
import { type Deadly, describeDeadly, writeDeadly, writeUnreadable } from "./unreadable.ts";

/** A batch is closed when its text has reached this: one write of a few hundred kilobytes is as fast as it gets. */
const BATCH_BYTES = 256 * 1024;
/** The shared clock is refreshed this often within a batch, which takes a millisecond or two to format. */
const FRAMES_PER_LOOK = 256;
/** What stays of the memory for a batch's text. */
const KEPT_BYTES = 4 * 1024 * 1024;
const TEXT_OFFSET = 8;

/** Makes lines of the frames of one lane, wherever they lie. Counts what it made since `begin`. */
export class FrameLines {
  readonly text: JsonBytes;
  records = 0;
  quarantined = 0;
  farFiles: string[] = [];
  /** Learns which frame could not be read, and why. */
  onUnreadable: ((offset: number, length: number, what: string) => void) | undefined;
  /** Learns where in the text the line of a record begins, and the record's time. */
  onTime: ((startsAt: number, timeMs: number) => void) | undefined;
  readonly #dictionary: DictionaryReader;
  readonly #clock: SharedClock | undefined;
  #memory: Buffer;
  #lines: JsonLines;
  #frames = 0;

  constructor(memory: SharedArrayBuffer, lane: number, text: JsonBytes, clock: SharedClock | undefined) {
    this.text = text;
    this.#clock = clock;
    this.#memory = Buffer.from(memory);
    this.#dictionary = new DictionaryReader(dictionaryRegion(memory, lane));
    this.#lines = new JsonLines(this.#memory, this.#dictionary, text);
  }

  begin(): void {
    this.#dictionary.refresh();
    this.text.clear(KEPT_BYTES);
    this.records = 0;
    this.quarantined = 0;
    this.farFiles = [];
  }

  /** From now on frames lie in other memory than the engine's. */
  readFrom(memory: Buffer): void {
    if (memory === this.#memory) return;
    this.#memory = memory;
    this.#lines = new JsonLines(memory, this.#dictionary, this.text);
  }

  /** False, having done nothing: the batch is full. Whatever a frame holds, this does not throw. */
  add(tag: number, offset: number, length: number): boolean {
    const { text } = this;
    if (text.at >= BATCH_BYTES) return false;
    if ((++this.#frames & (FRAMES_PER_LOOK - 1)) === 0) this.#clock?.refresh();
    const before = text.at;
    try {
      this.#write(tag, offset, length);
    } catch (error) {
      text.at = before;
      this.quarantined++;
      this.records++;
      writeUnreadable(text, error);
      this.onUnreadable?.(offset, length, error instanceof Error ? error.message : String(error));
    }
    return true;
  }

  /** A line in the place of a frame that must not be read; a report of drops is no record, and has none. */
  leaveOut(tag: number, offset: number, length: number, deadly: Deadly): void {
    if (frameKind(tag) === FRAME_DROPPED) return;
    this.quarantined++;
    this.records++;
    writeDeadly(this.text, deadly);
    this.onUnreadable?.(offset, length, describeDeadly(deadly));
  }

  /** The bytes of a frame, header and payload, to keep. */
  copyOf(offset: number, length: number): Buffer {
    return Buffer.from(this.#memory.subarray(offset - FRAME_HEADER_BYTES, offset + length));
  }

  #write(tag: number, offset: number, length: number): void {
    switch (frameKind(tag)) {
      case FRAME_RECORD:
        this.onTime?.(this.text.at, this.#memory.readDoubleLE(offset + RECORD_TIME));
        this.#lines.write(offset, frameLevelIndex(tag), length);
        this.records++;
        return;
      case FRAME_TEXT:
        this.text.copy(this.#memory, offset + TEXT_OFFSET, length - TEXT_OFFSET);
        this.records++;
        return;
      case FRAME_DROPPED:
        writeDropReport(this.text, this.#memory, offset, this.#dictionary);
        return;
      case FRAME_FAR:
        this.#writeFar(this.#memory.subarray(offset, offset + length), frameLevelIndex(tag));
        return;
      default:
        throw new Error(`frame of unknown kind ${frameKind(tag)}`);
    }
  }

  /** A file that is not the one that was written is neither shown nor removed. */
  #writeFar(frame: Uint8Array, levelIndex: number): void {
    const far = decodeFar(frame);
    if (far === undefined) throw new Error("the path of a large record is damaged");
    const path = Buffer.from(far.path).toString();
    const file = readFileSync(path);
    if (crc32c(file) !== far.fileCheck) throw new Error(`the file of a large record is damaged: ${path}`);
    // Its own memory, aligned: the words of the record are read in place.
    const payload = Buffer.allocUnsafeSlow((file.length + 7) & ~7);
    file.copy(payload);
    this.onTime?.(this.text.at, payload.readDoubleLE(RECORD_TIME));
    new JsonLines(payload, this.#dictionary, this.text).write(0, levelIndex, file.length);
    this.farFiles.push(path);
    this.records++;
  }
}
