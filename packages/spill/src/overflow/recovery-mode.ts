/**
 * What is done about damage when segments are read after a crash. RocksDB knows the same four.
 *
 * - `tolerate-tail`: what a dying writer leaves at the end is no damage. Elsewhere, damage costs the rest of its segment;
 *   the segments behind it are read.
 * - `point-in-time`: as above, but nothing is read behind the first damage or gap: what comes out has no hole in it.
 * - `skip-corrupt`: every frame that is whole comes out.
 * - `absolute`: whatever is not as it should be, the torn end too, is thrown as a DamagedFrameError.
 */
export type RecoveryMode = "tolerate-tail" | "point-in-time" | "skip-corrupt" | "absolute";

/**
 * What is wrong with a part of a file.
 *
 * - `header`, `ack`: a copy of the identity, an ack slot; the other one serves.
 * - `unreadable`: no copy of the identity can be read, or the file cannot; or it is of another version.
 * - `foreign`: a segment of another stream, or a second one of its number.
 * - `frame`: no whole frame, and something stands there.
 * - `missing`: bytes that the next segment says were there.
 * - `tail`: a frame that was begun and not finished, at the end of a segment: its writer died.
 */
export type DamageKind = "header" | "ack" | "unreadable" | "foreign" | "frame" | "missing" | "tail";

export interface SegmentFrame {
  readonly kind: "frame";
  readonly path: string;
  readonly position: number;
  readonly tag: number;
  readonly seq: number;
  /** Valid until the next item is asked for. */
  readonly payload: Buffer;
}

export interface SegmentDamage {
  readonly kind: "damage";
  readonly what: DamageKind;
  /** Undefined: the file itself is missing, and `from` and `to` are positions. */
  readonly path: string | undefined;
  /** Offsets in the file. */
  readonly from: number;
  readonly to: number;
}

export type SegmentItem = SegmentFrame | SegmentDamage;

export interface SegmentSummary {
  readonly frames: number;
  readonly ackedTo: number;
  /** The position behind the last frame that came out; the ack, if none did. */
  readonly endsAt: number;
}
