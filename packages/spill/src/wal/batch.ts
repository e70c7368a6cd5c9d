import { putFrame } from "./frame-bytes.ts";
import { walFrameBytes } from "./layout.ts";
import type { Segment } from "./segment.ts";

const FIRST_BYTES = 4096;

/** Frames that go to the disk in one write: in memory as they will lie in the segment. */
export class Batch {
  /** The segment they were written to; undefined: to none that is still trusted. */
  writtenTo: Segment | undefined;
  readonly firstSeq: number;
  lastSeq: number;
  length = 0;
  #bytes: Buffer;

  /** `bytes`: memory that may be used again. */
  constructor(firstSeq: number, bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)) {
    this.firstSeq = firstSeq;
    this.lastSeq = firstSeq - 1;
    this.#bytes = bytes;
  }

  get frames(): number {
    return this.lastSeq - this.firstSeq + 1;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  get memory(): Buffer {
    return this.#bytes;
  }

  put(tag: number, payload: Uint8Array, epoch: number): number {
    const needed = this.length + walFrameBytes(payload.length);
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    this.lastSeq++;
    this.length = putFrame(this.#bytes, this.length, { seq: this.lastSeq, tag, payload, epoch });
    return this.lastSeq;
  }
}
