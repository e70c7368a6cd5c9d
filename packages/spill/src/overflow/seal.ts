import {
  crc32c,
  FRAME_CHECK_WORD,
  FRAME_HEADER_BYTES,
  FRAME_LENGTH_WORD,
  FRAME_SEQ_WORD,
  FRAME_TAG_WORD,
  frameCheck,
} from "@spillway/core";
import { OVERFLOW_CRC_BYTES, overflowFrameBytes } from "./layout.ts";

/**
 * What ties a frame to its stream and its place: the checksum of the uuid, then of the position, goes before that of
 * the frame itself. One per end of a stream; it has a scratch of its own.
 */
export class FrameSeal {
  readonly #uuid: number;
  readonly #epoch: number;
  readonly #place = new Uint8Array(8);
  readonly #placeWords: DataView = new DataView(this.#place.buffer);

  constructor(uuid: Uint8Array, epoch: number) {
    this.#uuid = crc32c(uuid);
    this.#epoch = epoch;
  }

  /**
   * Makes a frame whole whose payload stands at `at + 16` already: writes header, pad and checksum around it. Answers
   * its bytes.
   */
  close(
    view: DataView,
    bytes: Uint8Array,
    at: number,
    position: number,
    tag: number,
    seq: number,
    length: number,
  ): number {
    view.setInt32(at + FRAME_LENGTH_WORD * 4, length, true);
    view.setInt32(at + FRAME_TAG_WORD * 4, tag, true);
    view.setInt32(at + FRAME_SEQ_WORD * 4, seq, true);
    view.setInt32(at + FRAME_CHECK_WORD * 4, frameCheck(length, tag, seq | 0, this.#epoch), true);
    const end = at + overflowFrameBytes(length) - OVERFLOW_CRC_BYTES;
    for (let pad = at + FRAME_HEADER_BYTES + length; pad < end; pad++) bytes[pad] = 0;
    view.setUint32(end, crc32c(bytes, at, end, this.#before(position)), true);
    return end + OVERFLOW_CRC_BYTES - at;
  }

  /** Whether the four words are a header of this stream's epoch. It says nothing about payload and place. */
  isHeader(view: DataView, at: number): boolean {
    const length = view.getInt32(at + FRAME_LENGTH_WORD * 4, true);
    const tag = view.getInt32(at + FRAME_TAG_WORD * 4, true);
    const seq = view.getInt32(at + FRAME_SEQ_WORD * 4, true);
    return view.getInt32(at + FRAME_CHECK_WORD * 4, true) === frameCheck(length, tag, seq, this.#epoch);
  }

  /** Whether the frame, `frame` bytes long and all of it there, is what was closed at this position. */
  isWhole(view: DataView, bytes: Uint8Array, at: number, frame: number, position: number): boolean {
    const end = at + frame - OVERFLOW_CRC_BYTES;
    return view.getUint32(end, true) === crc32c(bytes, at, end, this.#before(position));
  }

  #before(position: number): number {
    this.#placeWords.setUint32(0, position >>> 0, true);
    this.#placeWords.setUint32(4, Math.floor(position / 2 ** 32), true);
    return crc32c(this.#place, 0, 8, this.#uuid);
  }
}
