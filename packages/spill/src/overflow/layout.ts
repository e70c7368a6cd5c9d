import { FRAME_ALIGNMENT, FRAME_HEADER_BYTES } from "@spillway/core";

/**
 * Where everything lives in an overflow segment: a file with frames of one lane that found no room in its ring.
 *
 *   0            1 KiB        2 KiB        3 KiB        4 KiB
 *   +------------+------------+------------+------------+-------------------+--- ...
 *   | identity   | ack slot 0 | identity   | ack slot 1 | frame             | frame
 *   +------------+------------+------------+------------+-------------------+--- ...
 *     writer       reader       writer       reader       writer
 *
 * The identity stands there twice, so that one bad sector does not take a whole segment with it. Each of the four blocks
 * ends with its CRC-32C. A frame is one of core/frame.ts with a checksum at its end:
 *
 *   0                16              16 + length
 *   +----------------+---------------+-------+-----------+
 *   | frame header   | payload       | pad   | crc32c    |     starts and ends on a multiple of 16
 *   +----------------+---------------+-------+-----------+
 *
 * The checksum covers the stream's uuid and the frame's position before it covers the frame: a frame that was moved,
 * doubled or taken from another stream does not pass.
 *
 * A position counts bytes since the birth of the lane's overflow stream, headers of segments included, so that the
 * distance of two positions is also what stands on the disk between them. The specification is docs/formats/spill.md.
 */
export const OVERFLOW_HEADER_BYTES = 4096;
export const OVERFLOW_BLOCK_BYTES = 1024;
/** Where the checksum of a block stands in it. */
export const OVERFLOW_BLOCK_CRC = 1020;

export const OVERFLOW_IDENTITY_OFFSETS: readonly [number, number] = [0, 2048];
export const OVERFLOW_ACK_OFFSETS: readonly [number, number] = [1024, 3072];

/** Byte offsets in an identity. */
export const OVERFLOW_MAGIC = 0;
export const OVERFLOW_VERSION = 4;
export const OVERFLOW_EPOCH = 8;
export const OVERFLOW_LANE = 12;
export const OVERFLOW_PID = 16;
export const OVERFLOW_NUMBER = 20;
export const OVERFLOW_START = 24;
export const OVERFLOW_UUID = 32;
export const OVERFLOW_CREATED = 48;
export const OVERFLOW_UUID_BYTES = 16;
/** The bytes `OSPL`. */
export const OVERFLOW_MAGIC_VALUE = 0x4c_50_53_4f;
export const OVERFLOW_VERSION_VALUE = 1;

/** Byte offsets in an ack slot. */
export const OVERFLOW_ACK_TURN = 0;
export const OVERFLOW_ACK_POSITION = 8;

export const OVERFLOW_CRC_BYTES = 4;
/** No ring has a larger frame: half of the largest ring. */
export const OVERFLOW_MAX_PAYLOAD: number = 256 * 1024 * 1024;

/**
 * The words a live writer and its reader share, as Int32 indexes; each side writes its own, two cache lines apart. A
 * word holds a position in units of 16 bytes, modulo 2^32: its reach is 64 GiB.
 */
export const OVERFLOW_WRITTEN = 0;
/** Everything before it is needed by nobody. */
export const OVERFLOW_ACKED = 32;
/** Segments before it are gone from the disk. */
export const OVERFLOW_FREED = 33;
export const OVERFLOW_WORDS = 64;
export const OVERFLOW_WORD_UNIT = 16;

/** Bytes that a frame of `length` payload bytes takes in a segment. */
export function overflowFrameBytes(length: number): number {
  return Math.ceil((FRAME_HEADER_BYTES + length + OVERFLOW_CRC_BYTES) / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}
