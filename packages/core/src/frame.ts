/**
 * The frame: what stands in a ring, an overflow segment and a WAL alike. This file is its layout and nothing else.
 *
 *   0          4          8          12         16               16 + length
 *   +----------+----------+----------+----------+----------------+-------+
 *   | length   | tag      | seq      | check    | payload        | pad   |
 *   +----------+----------+----------+----------+----------------+-------+
 *                |
 *                +-- kind (bits 0-7) | level index (bits 8-15) | flags (bits 16-31)
 *
 * Little-endian. A frame starts on a multiple of 16, so that a header always fits into what is left before the end of
 * the ring and the float64 at the head of a record's payload can be read in place. `length` counts payload bytes,
 * without header and pad.
 *
 * `seq` grows by one with every frame of a lane, pad frames included, modulo 2^32. `check` ties the other three words
 * to the epoch of the ring and, in a ring, to the frame's place: a stale frame of an earlier life, a frame that was copied
 * to another place, a torn header or any single flipped bit in the four words shows. The payload is not covered: a
 * checksum would cost two to four times the frame itself.
 *
 * The specification is docs/formats/ring.md.
 */
export const FRAME_HEADER_BYTES = 16;
export const FRAME_ALIGNMENT = 16;

/** Word offsets (Int32) inside the header. */
export const FRAME_LENGTH_WORD = 0;
export const FRAME_TAG_WORD = 1;
export const FRAME_SEQ_WORD = 2;
export const FRAME_CHECK_WORD = 3;

/** An encoded record, see record-layout.ts. */
export const FRAME_RECORD = 1;
/** Fills the stretch before the end of the ring; consumers step over it. */
export const FRAME_PAD = 2;
/** A finished line: float64 time, then the line's UTF-8 bytes with its newline. */
export const FRAME_TEXT = 3;
/** Records that were dropped since the last such frame, see drop-report.ts. */
export const FRAME_DROPPED = 4;
/** A record too large for the ring: its payload names the file that holds the frame's real payload, see far-frame.ts. */
export const FRAME_FAR = 5;
/** In a write-ahead log only: the line of a critical record, see critical-entry.ts. */
export const FRAME_CRITICAL = 6;

export function alignFrame(bytes: number): number {
  return (bytes + FRAME_ALIGNMENT - 1) & -FRAME_ALIGNMENT;
}

export function frameTag(kind: number, levelIndex: number, flags: number): number {
  return kind | (levelIndex << 8) | (flags << 16);
}

export function frameKind(tag: number): number {
  return tag & 0xff;
}

export function frameLevelIndex(tag: number): number {
  return (tag >>> 8) & 0xff;
}

/**
 * The rotations keep equal flips in two words from cancelling each other out. `epoch`: in a ring xor the frame's byte
 * offset among the frames; in a file as it is, where a checksum covers the place.
 */
export function frameCheck(length: number, tag: number, seq: number, epoch: number): number {
  return (seq ^ epoch ^ ((length << 9) | (length >>> 23)) ^ ((tag << 18) | (tag >>> 14))) | 0;
}
