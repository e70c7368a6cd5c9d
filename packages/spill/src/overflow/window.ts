import { FRAME_ALIGNMENT, FRAME_HEADER_BYTES, FRAME_LENGTH_WORD, FRAME_SEQ_WORD, FRAME_TAG_WORD } from "@spillway/core";
import type { OverflowFiles } from "./files.ts";
import { OVERFLOW_MAX_PAYLOAD, overflowFrameBytes } from "./layout.ts";
import { FrameSeal } from "./seal.ts";
import type { KnownSegment } from "./stream.ts";

/** What `frameAt` answers where no whole frame stands; lengths are never negative. */
const NO_FRAME = -1;
/** A header, and a length that leads past the end. */
export const CUT_SHORT = -2;
/** Nothing but zeros up to the end: what a file system may leave where it had promised bytes. */
export const ONLY_ZEROS = -3;

const UNKNOWN = -1;
const WINDOW_BYTES = 256 * 1024;
/**
 * How much may be checked in vain in search of the next frame, as a multiple of the file's length: bytes made to look
 * like headers could otherwise have every one of them checked up to the end of the file.
 */
const SEARCH_FACTOR = 4;

/**
 * A look at the frames of one segment. Never reads past the end of the file, never keeps more than one frame or 256 KiB
 * of it, whatever the lengths in it say. Reading throws what the file system says.
 */
export class SegmentWindow {
  readonly segment: KnownSegment;
  /** Tag and number of the frame that `frameAt` found last. */
  tag = 0;
  seq = 0;
  /** The part of the file that is in memory; frames in it start on multiples of 16. */
  bytes: Buffer;
  readonly #files: OverflowFiles;
  readonly #fd: number;
  readonly #seal: FrameSeal;
  #view: DataView;
  /** Offset in the file of the window's first byte, and how many bytes of the window are filled. */
  #from = 0;
  #filled = 0;
  #size = UNKNOWN;

  /** The memory of the window before is used again, if it is given. */
  constructor(files: OverflowFiles, segment: KnownSegment, before?: Buffer) {
    this.segment = segment;
    this.#files = files;
    this.#fd = files.open(segment.path, false);
    this.#seal = new FrameSeal(segment.identity.uuid, segment.identity.epoch);
    this.bytes = before ?? Buffer.allocUnsafeSlow(WINDOW_BYTES);
    this.#view = viewOf(this.bytes);
  }

  /** Length of the file; looked up once, until `forget`. To ask the system for each frame was half of a recovery. */
  size(): number {
    if (this.#size === UNKNOWN) this.#size = this.#files.size(this.#fd);
    return this.#size;
  }

  /** Where in `bytes` the payload of the frame at `offset` stands. Valid until the next call of anything here. */
  payloadAt(offset: number): number {
    return offset - this.#from + FRAME_HEADER_BYTES;
  }

  /** Payload bytes of the whole frame at `offset` of the file, which ends at `end` at the latest; or what is wrong. */
  frameAt(offset: number, end: number): number {
    if (!this.#load(offset, FRAME_HEADER_BYTES, end)) {
      return this.#isZeroUpTo(offset, end) ? ONLY_ZEROS : CUT_SHORT;
    }
    const at = offset - this.#from;
    const length = this.#view.getInt32(at + FRAME_LENGTH_WORD * 4, true);
    const tag = this.#view.getInt32(at + FRAME_TAG_WORD * 4, true);
    const seq = this.#view.getInt32(at + FRAME_SEQ_WORD * 4, true);
    if (!this.#seal.isHeader(this.#view, at) || length < 0 || length > OVERFLOW_MAX_PAYLOAD) {
      return this.#isZeroUpTo(offset, end) ? ONLY_ZEROS : NO_FRAME;
    }
    const frame = overflowFrameBytes(length);
    if (!this.#load(offset, frame, end)) return CUT_SHORT;
    if (!this.#seal.isWhole(this.#view, this.bytes, offset - this.#from, frame, this.segment.identity.start + offset)) {
      return NO_FRAME;
    }
    this.tag = tag;
    this.seq = seq;
    return length;
  }

  /** Offset of the first whole frame at or behind `from`; undefined: there is none before `end`. */
  search(from: number, end: number): number | undefined {
    let budget = SEARCH_FACTOR * end + WINDOW_BYTES;
    for (let offset = from; offset + FRAME_HEADER_BYTES <= end; offset += FRAME_ALIGNMENT) {
      if (!this.#load(offset, FRAME_HEADER_BYTES, end)) return undefined;
      const at = offset - this.#from;
      if (!this.#seal.isHeader(this.#view, at)) continue;
      const claimed = this.#view.getInt32(at + FRAME_LENGTH_WORD * 4, true);
      if (this.frameAt(offset, end) >= 0) return offset;
      if (claimed > 0 && claimed <= end - offset) budget -= claimed;
      if (budget < 0) return undefined;
    }
    return undefined;
  }

  close(): void {
    try {
      this.#files.close(this.#fd);
    } catch {
      // It was only read from: nothing is lost with it.
    }
  }

  /** Forgets what was read: the file may have grown, or changed behind what was whole. */
  forget(): void {
    this.#filled = 0;
    this.#size = UNKNOWN;
  }

  #load(offset: number, length: number, end: number): boolean {
    if (offset + length > end) return false;
    if (offset >= this.#from && offset + length <= this.#from + this.#filled) return true;
    if (length > this.bytes.length) {
      // No more is allocated than there is to be read: `end` came from the file's length, or from whoever wrote it.
      if (offset + length > this.size()) return false;
      this.bytes = Buffer.allocUnsafeSlow(Math.ceil(length / FRAME_ALIGNMENT) * FRAME_ALIGNMENT);
      this.#view = viewOf(this.bytes);
    }
    this.#from = offset;
    this.#filled = 0;
    const most = Math.min(this.bytes.length, end - offset);
    while (this.#filled < most) {
      const read = this.#files.read(this.#fd, this.bytes, this.#filled, most - this.#filled, offset + this.#filled);
      if (read === 0) break;
      this.#filled += read;
    }
    return this.#filled >= length;
  }

  #isZeroUpTo(from: number, end: number): boolean {
    let offset = from;
    while (offset < end) {
      const step = Math.min(FRAME_HEADER_BYTES, end - offset);
      if (!this.#load(offset, step, end)) return true;
      const at = offset - this.#from;
      for (let i = at; i < at + step; i++) if (this.bytes[i] !== 0) return false;
      offset += step;
    }
    return true;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
