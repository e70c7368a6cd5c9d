/** A small segment, what damage does to it, and what may come out of it then. */
import { expect } from "vitest";
import {
  OVERFLOW_FILES,
  OVERFLOW_HEADER_BYTES,
  type OverflowFiles,
  overflowFrameBytes,
  type RecoveryMode,
} from "../../src/index.ts";
import { payloadOf, type Recovered, recover, StreamUnderTest, TAG } from "./stream-under-test.ts";

export const MODES: readonly RecoveryMode[] = ["tolerate-tail", "point-in-time", "skip-corrupt", "absolute"];

export interface Piece {
  readonly seq: number;
  /** Offsets in the file. */
  readonly from: number;
  readonly to: number;
}

export class DamagedSegment {
  readonly stream = new StreamUnderTest();
  readonly path: string;
  readonly intact: Buffer;
  readonly pieces: readonly Piece[];
  readonly #payloads: readonly Buffer[];

  /** Frames of these lengths in one segment, the first `acked` of them acked. */
  constructor(lengths: readonly number[], acked = 0) {
    const writer = this.stream.writer();
    const pieces: Piece[] = [];
    this.#payloads = lengths.map((length, seq) => payloadOf(seq, length));
    let from = OVERFLOW_HEADER_BYTES;
    for (const [seq, length] of lengths.entries()) {
      expect(writer.append(TAG, seq, payloadOf(seq, length))).toBe("ok");
      const to = from + overflowFrameBytes(length);
      pieces.push({ seq, from, to });
      from = to;
    }
    writer.close();
    const reader = this.stream.reader();
    for (let i = 0; i < acked; i++) {
      reader.drain(
        () => true,
        () => undefined,
        1,
      );
      reader.ack(reader.drainedTo);
    }
    reader.close();
    this.pieces = pieces;
    this.path = this.stream.paths()[0]!;
    this.intact = this.stream.folder.read(this.path.slice(this.stream.folder.path.length + 1));
  }

  /** What comes out of these bytes. */
  read(bytes: Uint8Array, mode: RecoveryMode): Recovered {
    return recover([this.path], mode, "start", bytesAsFile(bytes));
  }

  /** What came out was put in, is in order, and is nothing else. */
  expectGenuine({ out }: Recovered): void {
    let before = -1;
    for (const { seq, tag, position, payload } of out) {
      const piece = this.pieces[seq];
      if (seq <= before || piece === undefined || piece.from !== position || tag !== TAG) {
        expect.fail(`frame ${seq} at ${position} was never written there`);
      }
      if (!payload.equals(this.#payloads[seq]!)) {
        expect.fail(`frame ${seq} has a payload that was never written`);
      }
      before = seq;
    }
  }

  [Symbol.dispose](): void {
    this.stream[Symbol.dispose]();
  }
}

export function seqsOf({ out }: Recovered): number[] {
  return out.map(({ seq }) => seq);
}

/** A file system in which every file has these bytes: a million of them are read in the time of a few thousand real ones. */
function bytesAsFile(file: Uint8Array): OverflowFiles {
  return {
    ...OVERFLOW_FILES,
    open: () => 0,
    close: () => undefined,
    size: () => file.length,
    read(_fd, bytes, offset, length, position) {
      const part = file.subarray(position, position + length);
      bytes.set(part, offset);
      return part.length;
    },
  };
}
