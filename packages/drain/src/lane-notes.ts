import { closeSync, constants, openSync, writeSync } from "node:fs";
import { CONTROL_BYTES, LANE_FILES, LANE_MIRRORED, LANE_OWNER_STRIDE, type NotePlace } from "@spillway/core";
import { CONSUMER_ACKED, CONSUMERS_OFFSET, LANE_HEADER_BYTES, laneCapacity, laneOffset } from "@spillway/ring";
import { ringPath } from "@spillway/spill";

/**
 * Copies the drain's part of a lane's head, cursors and commit slots, to the lane's file where that is not mapped: a lane
 * that is mirrored, or one that is being replayed from its file. Each note is one write within a page, so a kill leaves
 * it whole.
 *
 * Never throws: a note that could not be made makes a crash deliver twice what it would have delivered once.
 */
export class LaneNotes {
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #keptWord: number;
  readonly #lane: number;
  readonly #place: NotePlace;
  readonly #acked = new Int32Array(2);
  readonly #ackedBytes = new Uint8Array(this.#acked.buffer);
  #fd = -1;

  constructor(memory: SharedArrayBuffer, lane: number, place: NotePlace) {
    const offset = laneOffset(lane, laneCapacity(memory));
    this.#bytes = new Uint8Array(memory, offset + CONSUMERS_OFFSET, LANE_HEADER_BYTES - CONSUMERS_OFFSET);
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#keptWord = LANE_FILES + lane * LANE_OWNER_STRIDE;
    this.#lane = lane;
    this.#place = place;
  }

  /** All of the drain's part, after a commit slot has changed. */
  copy(): void {
    this.#write(this.#bytes, CONSUMERS_OFFSET);
  }

  /** That space is free: before the producer may learn of it and write there. */
  ack(position: number, seq: number): void {
    this.#acked[0] = position | 0;
    this.#acked[1] = seq | 0;
    this.#write(this.#ackedBytes, CONSUMERS_OFFSET + CONSUMER_ACKED * 4);
  }

  close(): void {
    if (this.#place === undefined || "files" in this.#place || this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #write(bytes: Uint8Array, at: number): void {
    if (this.#place === undefined) return;
    try {
      const fd = this.#file(this.#place);
      if (fd !== -1) writeSync(fd, bytes, 0, bytes.length, at);
    } catch {
      // The next one says it too.
    }
  }

  #file(place: NonNullable<NotePlace>): number {
    if ("files" in place) return place.files[this.#lane]?.fd ?? -1;
    if (this.#fd !== -1 || Atomics.load(this.#control, this.#keptWord) !== LANE_MIRRORED) return this.#fd;
    this.#fd = openSync(ringPath(place.place, this.#lane), constants.O_WRONLY | constants.O_NOFOLLOW);
    return this.#fd;
  }
}
