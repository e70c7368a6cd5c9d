import { writeSync } from "node:fs";
import { CONTROL_BYTES, LANE_MIRRORS, LANE_OWNER_STRIDE } from "@spillway/core";
import { CONSUMER_ACKED, CONSUMERS_OFFSET, LANE_HEADER_BYTES, laneCapacity, laneOffset } from "@spillway/ring";

/**
 * Copies the drain's part of a lane's head, cursors and commit slots, to the lane's file where that is not mapped: a lane
 * that is mirrored, or one that is being replayed from its file. One write within a page: a kill leaves it whole.
 */
export class LaneMirror {
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #fileWord: number;
  readonly #acked = new Int32Array(2);
  readonly #ackedBytes = new Uint8Array(this.#acked.buffer);

  constructor(memory: SharedArrayBuffer, lane: number) {
    const offset = laneOffset(lane, laneCapacity(memory));
    this.#bytes = new Uint8Array(memory, offset + CONSUMERS_OFFSET, LANE_HEADER_BYTES - CONSUMERS_OFFSET);
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#fileWord = LANE_MIRRORS + lane * LANE_OWNER_STRIDE;
  }

  /** Notes in the file that space is free, before the producer may learn of it and write there. */
  ack(position: number, seq: number): void {
    const fd = Atomics.load(this.#control, this.#fileWord) - 1;
    if (fd < 0) return;
    this.#acked[0] = position | 0;
    this.#acked[1] = seq | 0;
    try {
      writeSync(fd, this.#ackedBytes, 0, 8, CONSUMERS_OFFSET + CONSUMER_ACKED * 4);
    } catch {
      // What lies before the commit slots is not replayed all the same.
    }
  }

  /** Never throws: a copy that could not be made makes a crash deliver twice what it would have delivered once. */
  copy(): void {
    const fd = Atomics.load(this.#control, this.#fileWord) - 1;
    if (fd < 0) return;
    try {
      writeSync(fd, this.#bytes, 0, this.#bytes.length, CONSUMERS_OFFSET);
    } catch {
      // The next one says it too.
    }
  }
}
