import { FRAME_ALIGNMENT, FRAME_HEADER_BYTES } from "@spillway/core";
import { epochOf, hasRightCrc, plausibleBytes } from "./frame-bytes.ts";
import { WAL_FRAMES_OFFSET, WAL_MIN_FRAME_BYTES } from "./layout.ts";
import type { WalDamageKind } from "./report.ts";

export interface ScannedFrame {
  readonly seq: number;
  readonly tag: number;
  readonly payload: Buffer;
  readonly offset: number;
}

export interface Scan {
  readonly bytes: Buffer;
  /** Undefined: both headers are gone, and the first frame that is whole says it. */
  readonly epoch: number | undefined;
  /** The number the first frame should have; frames are numbered from here, for they hold 32 bits only. */
  readonly base: number;
  /** Told about damage in the order in which it lies. */
  readonly onDamage: (kind: WalDamageKind, from: number, to: number) => void;
}

/** Frames whose epoch is not known cost a checksum each; beyond so many times the file's size, nobody looks on. */
const MAX_GUESSED = 8;

/**
 * The whole frames of a segment, with numbers that only grow. Goes past all damage, in one pass: a frame whose header is
 * right and whose checksum is not is stepped over as a whole, so that nothing inside of its payload is taken for a frame;
 * where not even the header is right, the next frame is looked for on every multiple of 16.
 */
export function* scanSegment({ bytes, epoch: known, base, onDamage }: Scan): Generator<ScannedFrame, void> {
  let epoch = known;
  let last = known === undefined ? 0 : base - 1;
  let damagedFrom = -1;
  let guessed = 0;
  let at = WAL_FRAMES_OFFSET;
  while (at + WAL_MIN_FRAME_BYTES <= bytes.length) {
    const size = plausibleBytes(bytes, at);
    const implied = size === 0 ? undefined : epochOf(bytes, at);
    const isHeaderRight = size > 0 && (epoch === undefined || implied === epoch);
    if (epoch === undefined && isHeaderRight) guessed += size;
    if (guessed > MAX_GUESSED * bytes.length) break;
    if (!isHeaderRight || !hasRightCrc(bytes, at, size)) {
      if (damagedFrom < 0) damagedFrom = at;
      at += isHeaderRight && epoch !== undefined ? size : FRAME_ALIGNMENT;
      continue;
    }
    if (damagedFrom >= 0) onDamage("frame", damagedFrom, at);
    damagedFrom = -1;
    epoch = implied;
    const seq = base + ((bytes.readInt32LE(at + 8) - base) | 0);
    if (seq > last) {
      last = seq;
      const from = at + FRAME_HEADER_BYTES;
      yield {
        seq,
        tag: bytes.readInt32LE(at + 4),
        payload: bytes.subarray(from, from + bytes.readInt32LE(at)),
        offset: at,
      };
    } else onDamage("order", at, at + size);
    at += size;
  }
  const rest = damagedFrom >= 0 ? damagedFrom : at;
  if (rest < bytes.length) onDamage("tail", rest, bytes.length);
}
