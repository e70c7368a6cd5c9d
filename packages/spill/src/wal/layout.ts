/**
 * Where everything lives in the files of a write-ahead log. This file is the layout and nothing else.
 *
 *   PATH.00000001   a segment                       PATH.state   what was pruned
 *
 *   0          512        1024                      0          512        1024
 *   +----------+----------+---------+---------+     +----------+----------+
 *   | header   | header,  | frame   | frame   |     | slot 0   | slot 1   |
 *   |          | again    |         |         |     |          |          |
 *   +----------+----------+---------+---------+     +----------+----------+
 *
 * A frame is core's, with a CRC-32C as its last four bytes; the pad in front of it is 0. The checksum covers everything
 * before it, the pad too, so that a flipped bit anywhere in a file shows:
 *
 *   0          4          8          12         16               16 + length       size - 4    size
 *   +----------+----------+----------+----------+----------------+-----------------+-----------+
 *   | length   | tag      | seq      | check    | payload        | pad, 0 to 15    | crc       |
 *   +----------+----------+----------+----------+----------------+-----------------+-----------+
 *
 * Little-endian. Header and slots are 512 bytes each, a sector, and end in a CRC-32C of the 508 before it: what the disk
 * writes whole or not at all is what is told damaged or not. The specification is docs/formats/wal.md.
 */
import { FRAME_ALIGNMENT, FRAME_HEADER_BYTES } from "@spillway/core";

/** The bytes "SPILLWAL". */
export const WAL_MAGIC: readonly number[] = [0x53, 0x50, 0x49, 0x4c, 0x4c, 0x57, 0x41, 0x4c];
/** The bytes "SPILLCUR". */
export const WAL_STATE_MAGIC: readonly number[] = [0x53, 0x50, 0x49, 0x4c, 0x4c, 0x43, 0x55, 0x52];
export const WAL_VERSION = 1;

/** A copy of the header, and a slot of the state. */
export const WAL_SECTOR_BYTES = 512;
export const WAL_SECTOR_CRC = 508;
export const WAL_FRAMES_OFFSET = 1024;
export const WAL_STATE_BYTES = 1024;

/** Byte offsets in the header. */
export const WAL_HEADER_VERSION = 8;
export const WAL_HEADER_EPOCH = 12;
export const WAL_HEADER_UUID = 16;
export const WAL_HEADER_NUMBER = 32;
export const WAL_HEADER_FIRST_SEQ = 40;
export const WAL_HEADER_SETTLED_TO = 48;
export const WAL_HEADER_PRUNED_TO = 56;
export const WAL_HEADER_CREATED = 64;
export const WAL_HEADER_PID = 72;
export const WAL_HEADER_CAPACITY = 76;

/** Byte offsets in a slot of the state. */
export const WAL_SLOT_VERSION = 8;
export const WAL_SLOT_UUID = 16;
export const WAL_SLOT_TURN = 32;
export const WAL_SLOT_PRUNED_TO = 40;

export const WAL_UUID_BYTES = 16;
export const WAL_CRC_BYTES = 4;
/** An empty payload, its header and its checksum. */
export const WAL_MIN_FRAME_BYTES = 32;

/** A reader looks at no more of a file than this, and no writer makes more. */
export const WAL_MAX_SEGMENT_BYTES: number = 256 * 2 ** 20;
export const WAL_MIN_SEGMENT_BYTES: number = 4 * 2 ** 10;
export const WAL_MAX_PAYLOAD_BYTES: number = WAL_MAX_SEGMENT_BYTES - WAL_FRAMES_OFFSET - 2 * WAL_MIN_FRAME_BYTES;

/** Bytes a frame takes. Right for any length that is not negative: no bit arithmetic that could wrap. */
export function walFrameBytes(length: number): number {
  return Math.ceil((FRAME_HEADER_BYTES + length + WAL_CRC_BYTES) / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}
