/** What reading a write-ahead log found, besides its frames. */
import type { DamagedBytes, MissingFrames } from "@spillway/core";

/**
 * How much damage a reading goes past:
 *
 * - `tolerate-tail`: past torn ends of segments and numbers that are missing between two segments; it ends in front of
 *   frames that are missing inside of one. What an interrupted write leaves behind does not stop it.
 * - `point-in-time`: up to the first frame that is missing, so that no frame comes without all those before it.
 * - `skip-corrupt`: every whole frame there is.
 * - `absolute`: nothing, unless everything is as it was written: throws DamagedWalError before the first frame.
 */
export type WalMode = "tolerate-tail" | "point-in-time" | "skip-corrupt" | "absolute";

/**
 * - `header`: a copy of a segment's header. The other one is used; with both gone, frames tell the epoch themselves
 * - `frame`: bytes that are no whole frame, with whole ones behind them
 * - `tail`: bytes behind the last whole frame of a segment, as an interrupted write leaves them
 * - `order`: a whole frame whose number was had before in this segment
 * - `state`: a slot of the state; the other one is used, or what the headers say
 * - `name`: a segment that has another segment's name. It is read where it belongs
 * - `foreign`: a segment of another log; not read
 * - `version`: a segment of a version from the future; not read
 * - `unreadable`: the system does not give it out, or it is no file; not read
 */
export type WalDamageKind =
  | "header"
  | "frame"
  | "tail"
  | "order"
  | "state"
  | "name"
  | "foreign"
  | "version"
  | "unreadable";

/** `file` is a name without its folder. */
export interface WalDamage extends DamagedBytes {
  readonly kind: WalDamageKind;
  /** The system's code, where it is the system that says no. */
  readonly errno?: string;
}

export interface WalSegmentReport {
  readonly file: string;
  readonly number: number;
  readonly bytes: number;
  /** Whole frames in it, also those that are pruned or come from another segment as well. */
  readonly frames: number;
  /** The greatest number among them, or what its header lets expect; 0: nothing is known. */
  readonly lastSeq: number;
}

export interface WalReport {
  readonly uuid: string | undefined;
  readonly prunedTo: number;
  /** Frames handed out. */
  readonly frames: number;
  /** Whole frames that were not handed out, because another with their number was. */
  readonly duplicates: number;
  /** Whole frames that were not handed out, because the mode ended before them. */
  readonly leftOut: number;
  /** The greatest number of a whole frame, pruned ones included; at least `prunedTo`. */
  readonly lastSeq: number;
  /** Where the mode ended before all was read: in front of this frame. */
  readonly stoppedAt: { readonly file: string; readonly offset: number; readonly seq: number } | undefined;
  readonly damage: readonly WalDamage[];
  /** Frames that were made durable and are not there. Given up ones and pruned ones are not among them. */
  readonly missing: readonly MissingFrames[];
  readonly segments: readonly WalSegmentReport[];
}
