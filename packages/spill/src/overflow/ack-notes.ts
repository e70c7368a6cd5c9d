import { failureOf, type OverflowFailure, type OverflowFiles, writeAll } from "./files.ts";
import { encodeAck } from "./header.ts";
import { OVERFLOW_BLOCK_BYTES } from "./layout.ts";
import type { KnownSegment } from "./stream.ts";

/** Notes acks in the headers of segments, the two slots of each in turns. Used by a reader, and by nobody beside it. */
export class AckNotes {
  /** What the file system refused last; undefined once it did not. */
  failure: OverflowFailure | undefined;
  readonly #files: OverflowFiles;
  #path: string | undefined;
  #fd = -1;
  /** Of the last note that was written whole. */
  #turn = 0;

  constructor(files: OverflowFiles) {
    this.#files = files;
  }

  /** A failure leaves the note before it valid: the slot that was being written is tried again by the next. */
  note(segment: KnownSegment, position: number): void {
    try {
      if (segment.path !== this.#path) this.#open(segment);
      const { block, offset } = encodeAck({ turn: this.#turn + 1, position }, segment.identity.uuid);
      writeAll(this.#files, this.#fd, block, 0, OVERFLOW_BLOCK_BYTES, offset);
      this.#turn++;
      this.failure = undefined;
    } catch (error) {
      this.failure = failureOf(error, "note an ack in an overflow segment");
    }
  }

  close(): void {
    const fd = this.#fd;
    this.#path = undefined;
    this.#fd = -1;
    if (fd === -1) return;
    try {
      this.#files.close(fd);
    } catch (error) {
      this.failure = failureOf(error, "close an overflow segment");
    }
  }

  #open(segment: KnownSegment): void {
    this.close();
    this.#fd = this.#files.open(segment.path, true);
    this.#path = segment.path;
    this.#turn = segment.header.acked?.turn ?? 0;
  }
}
