import { FRAME_RECORD, frameTag } from "@spillway/core";
import { JsonBytes } from "@spillway/format";
import { FrameLines } from "./frame-lines.ts";

const TEXT_BYTES = 64 * 1024;

/**
 * Makes the line of one record at a time, on the thread that has the lane: what a write-ahead log keeps of a critical
 * record is what the sinks get. The lane's producer is that thread, so a frame it has just committed stays as it is.
 */
export class LineReader {
  readonly #memory: Buffer;
  readonly #lines: FrameLines;

  constructor(memory: SharedArrayBuffer, lane: number) {
    this.#memory = Buffer.from(memory);
    this.#lines = new FrameLines(memory, lane, new JsonBytes(TEXT_BYTES), undefined);
  }

  /** Does not throw: a record that cannot be read is a line that says so. Valid until the next call. */
  lineOf(levelIndex: number, offset: number, length: number, outside?: Buffer): Uint8Array {
    const lines = this.#lines;
    lines.begin();
    lines.readFrom(outside ?? this.#memory);
    lines.add(frameTag(FRAME_RECORD, levelIndex, 0), offset, length);
    return lines.text.bytes.subarray(0, lines.text.at);
  }
}
