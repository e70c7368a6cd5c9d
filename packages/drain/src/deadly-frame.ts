import { closeSync, constants, openSync, readdirSync } from "node:fs";
import { FRAME_SEQ_WORD, type NotePlace } from "@spillway/core";
import { JsonBytes } from "@spillway/format";
import { ringPath, writeAll } from "@spillway/spill";
import type { Batch } from "./batch.ts";
import type { Trouble } from "./complaints.ts";
import type { FrameLines } from "./frame-lines.ts";
import { type Deadly, describeDeadly, writeDeadly } from "./unreadable.ts";

const LINE_BYTES = 1024;
const KEPT = ".bad.frame-";
/** More than so many are not kept in a folder: whatever makes them goes on making them. */
const MAX_KEPT = 32;

/**
 * A frame that nobody who drained it survived. Where reading it was deadly a line stands in its place; where a sink was,
 * that sink gets the line and the others the record. The frame's bytes are kept beside the ring file.
 */
export class DeadlyFrame {
  readonly #lane: number;
  readonly #isNew: boolean;
  readonly #sink: string | undefined;
  readonly #place: NotePlace;
  readonly #trouble: Trouble;
  #known: Deadly | undefined;

  /** `sink`: what was being given it; undefined: it was being read. `isNew`: nobody has told of it yet. */
  constructor(lane: number, sink: string | undefined, isNew: boolean, place: NotePlace, trouble: Trouble) {
    this.#lane = lane;
    this.#isNew = isNew;
    this.#sink = sink;
    this.#place = place;
    this.#trouble = trouble;
  }

  /** In the place of FrameLines.add. */
  add(lines: FrameLines, tag: number, offset: number, length: number): boolean {
    const bytes = lines.copyOf(offset, length);
    const frame = bytes.readUInt32LE(FRAME_SEQ_WORD * 4);
    const deadly = { lane: this.#lane, frame, sink: this.#sink };
    this.#known = deadly;
    if (this.#isNew) {
      const kept = this.#keep(bytes, frame);
      this.#trouble(`record ${frame} of lane ${this.#lane} is left out: ${describeDeadly(deadly)}${kept}`);
    }
    if (this.#sink !== undefined) return lines.add(tag, offset, length);
    lines.leaveOut(tag, offset, length, deadly);
    return true;
  }

  /** What the sink that died of it gets instead; undefined: the batch itself. */
  standInFor(batch: Batch): Batch | undefined {
    if (this.#known === undefined || this.#sink === undefined || batch.records === 0) return undefined;
    const text = new JsonBytes(LINE_BYTES);
    writeDeadly(text, this.#known);
    return { ...batch, text, bytes: text.at, quarantined: batch.records };
  }

  /** Answers where they are, as the end of a sentence. Its number is in the name: they are kept once. */
  #keep(bytes: Buffer, frame: number): string {
    if (this.#place === undefined) return "";
    const { place } = this.#place;
    const lane = "lanes" in this.#place ? this.#place.lanes[this.#lane]! : this.#lane;
    const path = `${ringPath(place, lane)}${KEPT}${frame}`;
    try {
      if (readdirSync(place.folder).filter((name) => name.includes(KEPT)).length >= MAX_KEPT) return "";
      const fd = openSync(
        path,
        constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
        0o600,
      );
      try {
        writeAll(fd, bytes, 0);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return "";
    }
    return `; its bytes are in ${path}`;
  }
}
