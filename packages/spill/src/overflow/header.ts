import { crc32c, FRAME_ALIGNMENT } from "@spillway/core";
import {
  OVERFLOW_ACK_OFFSETS,
  OVERFLOW_ACK_POSITION,
  OVERFLOW_ACK_TURN,
  OVERFLOW_BLOCK_BYTES,
  OVERFLOW_BLOCK_CRC,
  OVERFLOW_CREATED,
  OVERFLOW_EPOCH,
  OVERFLOW_HEADER_BYTES,
  OVERFLOW_IDENTITY_OFFSETS,
  OVERFLOW_LANE,
  OVERFLOW_MAGIC,
  OVERFLOW_MAGIC_VALUE,
  OVERFLOW_NUMBER,
  OVERFLOW_PID,
  OVERFLOW_START,
  OVERFLOW_UUID,
  OVERFLOW_UUID_BYTES,
  OVERFLOW_VERSION,
  OVERFLOW_VERSION_VALUE,
} from "./layout.ts";

/** Whose frames a segment holds, and which of them. */
export interface SegmentIdentity {
  readonly epoch: number;
  readonly lane: number;
  readonly pid: number;
  /** Which segment of its stream, from 1 on. */
  readonly number: number;
  /** Position of the segment's first byte; its first frame stands 4 KiB on. */
  readonly start: number;
  /** The stream's, in all of its segments. */
  readonly uuid: Uint8Array;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

export interface AckSlot {
  readonly turn: number;
  readonly position: number;
}

/** Part of a header that is not as it was written: 0, 2048 a copy of the identity, 1024, 3072 an ack slot. */
export type DamagedBlock = number;

export interface SegmentHeader {
  /** Undefined: neither copy can be read, or they are of another version. */
  readonly identity: SegmentIdentity | undefined;
  /** The latest ack that was noted here. */
  readonly acked: AckSlot | undefined;
  readonly damaged: readonly DamagedBlock[];
}

export function encodeHeader(identity: SegmentIdentity): Uint8Array {
  const bytes = new Uint8Array(OVERFLOW_HEADER_BYTES);
  for (const at of OVERFLOW_IDENTITY_OFFSETS) {
    const view = new DataView(bytes.buffer, at, OVERFLOW_BLOCK_BYTES);
    view.setUint32(OVERFLOW_MAGIC, OVERFLOW_MAGIC_VALUE, true);
    view.setUint32(OVERFLOW_VERSION, OVERFLOW_VERSION_VALUE, true);
    view.setInt32(OVERFLOW_EPOCH, identity.epoch, true);
    view.setUint32(OVERFLOW_LANE, identity.lane, true);
    view.setUint32(OVERFLOW_PID, identity.pid, true);
    view.setUint32(OVERFLOW_NUMBER, identity.number, true);
    setUint53(view, OVERFLOW_START, identity.start);
    bytes.set(identity.uuid, at + OVERFLOW_UUID);
    view.setFloat64(OVERFLOW_CREATED, identity.createdMs, true);
    view.setUint32(OVERFLOW_BLOCK_CRC, crc32c(bytes, at, at + OVERFLOW_BLOCK_CRC), true);
  }
  return bytes;
}

/** Of a file shorter than a header: the bytes there are, and zeros. */
export function decodeHeader(bytes: Uint8Array): SegmentHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, OVERFLOW_HEADER_BYTES);
  const damaged: number[] = [];
  let identity: SegmentIdentity | undefined;
  for (const at of OVERFLOW_IDENTITY_OFFSETS) {
    const copy = decodeIdentity(bytes, view, at);
    if (copy === undefined) damaged.push(at);
    identity ??= copy;
  }
  let acked: AckSlot | undefined;
  for (const at of OVERFLOW_ACK_OFFSETS) {
    if (isEmpty(bytes, at)) continue;
    const slot = identity === undefined ? undefined : decodeAck(bytes, view, at, identity.uuid);
    if (slot === undefined) damaged.push(at);
    else if (acked === undefined || slot.turn > acked.turn) acked = slot;
  }
  return { identity, acked, damaged: damaged.sort((a, b) => a - b) };
}

/** One block with an ack, and where it belongs: the slots take turns, so that the one before stays whole. */
export function encodeAck({ turn, position }: AckSlot, uuid: Uint8Array): { block: Uint8Array; offset: number } {
  const block = new Uint8Array(OVERFLOW_BLOCK_BYTES);
  const view = new DataView(block.buffer);
  setUint53(view, OVERFLOW_ACK_TURN, turn);
  setUint53(view, OVERFLOW_ACK_POSITION, position);
  view.setUint32(OVERFLOW_BLOCK_CRC, crc32c(block, 0, OVERFLOW_BLOCK_CRC, crc32c(uuid)), true);
  return { block, offset: OVERFLOW_ACK_OFFSETS[turn % 2 === 1 ? 0 : 1] };
}

function decodeIdentity(bytes: Uint8Array, view: DataView, at: number): SegmentIdentity | undefined {
  if (view.getUint32(at + OVERFLOW_MAGIC, true) !== OVERFLOW_MAGIC_VALUE) return undefined;
  if (view.getUint32(at + OVERFLOW_VERSION, true) !== OVERFLOW_VERSION_VALUE) return undefined;
  if (view.getUint32(at + OVERFLOW_BLOCK_CRC, true) !== crc32c(bytes, at, at + OVERFLOW_BLOCK_CRC)) return undefined;
  const start = uint53(view, at + OVERFLOW_START);
  if (start === undefined || start % FRAME_ALIGNMENT !== 0) return undefined;
  return {
    epoch: view.getInt32(at + OVERFLOW_EPOCH, true),
    lane: view.getUint32(at + OVERFLOW_LANE, true),
    pid: view.getUint32(at + OVERFLOW_PID, true),
    number: view.getUint32(at + OVERFLOW_NUMBER, true),
    start,
    uuid: bytes.slice(at + OVERFLOW_UUID, at + OVERFLOW_UUID + OVERFLOW_UUID_BYTES),
    createdMs: view.getFloat64(at + OVERFLOW_CREATED, true),
  };
}

function decodeAck(bytes: Uint8Array, view: DataView, at: number, uuid: Uint8Array): AckSlot | undefined {
  const crc = crc32c(bytes, at, at + OVERFLOW_BLOCK_CRC, crc32c(uuid));
  if (view.getUint32(at + OVERFLOW_BLOCK_CRC, true) !== crc) return undefined;
  const turn = uint53(view, at + OVERFLOW_ACK_TURN);
  const position = uint53(view, at + OVERFLOW_ACK_POSITION);
  if (turn === undefined || position === undefined || position % FRAME_ALIGNMENT !== 0) return undefined;
  return { turn, position };
}

function isEmpty(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + OVERFLOW_BLOCK_BYTES; i++) if (bytes[i] !== 0) return false;
  return true;
}

function setUint53(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

/** Undefined: more than a number can count. */
function uint53(view: DataView, at: number): number | undefined {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : undefined;
}
