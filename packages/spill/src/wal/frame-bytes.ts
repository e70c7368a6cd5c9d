/** The bytes of a frame in a segment: how they are made, and what makes them whole. */
import { crc32c, FRAME_HEADER_BYTES, frameCheck } from "@spillway/core";
import { WAL_CRC_BYTES, walFrameBytes } from "./layout.ts";

/** Puts a frame at `offset`, where there is room for it; answers where the next one begins. */
export function putFrame(
  bytes: Buffer,
  offset: number,
  frame: { readonly seq: number; readonly tag: number; readonly payload: Uint8Array; readonly epoch: number },
): number {
  const { tag, payload, epoch } = frame;
  const { length } = payload;
  const seq = frame.seq | 0;
  const end = offset + walFrameBytes(length);
  bytes.writeInt32LE(length, offset);
  bytes.writeInt32LE(tag | 0, offset + 4);
  bytes.writeInt32LE(seq, offset + 8);
  bytes.writeInt32LE(frameCheck(length, tag | 0, seq, epoch), offset + 12);
  bytes.set(payload, offset + FRAME_HEADER_BYTES);
  bytes.fill(0, offset + FRAME_HEADER_BYTES + length, end - WAL_CRC_BYTES);
  bytes.writeUInt32LE(crc32c(bytes, offset, end - WAL_CRC_BYTES), end - WAL_CRC_BYTES);
  return end;
}

/** Bytes the frame at `offset` says it takes; 0: not even that much can be believed. */
export function plausibleBytes(file: Buffer, offset: number): number {
  const length = file.readInt32LE(offset);
  if (length < 0) return 0;
  const bytes = walFrameBytes(length);
  return offset + bytes <= file.length ? bytes : 0;
}

/** The epoch for which the frame's check is right. */
export function epochOf(file: Buffer, offset: number): number {
  const [length, tag, seq] = [file.readInt32LE(offset), file.readInt32LE(offset + 4), file.readInt32LE(offset + 8)];
  return file.readInt32LE(offset + 12) ^ frameCheck(length, tag, seq, 0);
}

export function hasRightCrc(file: Buffer, offset: number, bytes: number): boolean {
  const at = offset + bytes - WAL_CRC_BYTES;
  return file.readUInt32LE(at) === crc32c(file, offset, at);
}
