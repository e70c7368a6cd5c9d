import { alignFrame, BEYOND_RING, FRAME_HEADER_BYTES, FRAME_SEQ_WORD } from "@spillway/core";
import type { CriticalLog, Engine, TickMirror } from "@spillway/host";
import { FRAMES_OFFSET, laneCapacity, laneOffset } from "@spillway/ring";
import type { Target } from "@spillway/wire";
import type { Level } from "./level-table.ts";

/**
 * What happens to a record after it is committed, on a lane where anything does: the lane is copied to its file, and a
 * critical record goes to the write-ahead log. After the commit, because then the ring vouches for what the log holds:
 * whoever recovers after a kill need not ask which of the two has a record. Before the sinks get it, in sync mode.
 */
export class Followers {
  readonly critical: CriticalLog | undefined;
  readonly #mirror: TickMirror | undefined;
  readonly #words: Int32Array;
  readonly #frames: number;
  readonly #capacity: number;

  private constructor(engine: Engine, lane: number, mirror: TickMirror | undefined, critical: CriticalLog | undefined) {
    const { memory } = engine.share;
    this.#mirror = mirror;
    this.critical = critical;
    this.#words = new Int32Array(memory);
    this.#capacity = laneCapacity(memory);
    this.#frames = laneOffset(lane, this.#capacity) + FRAMES_OFFSET;
  }

  /** Undefined where nothing follows a commit: then a call does not even look. */
  static of(engine: Engine, lane: number, mirror: TickMirror | undefined): Followers | undefined {
    const critical = engine.criticalOf(lane);
    return mirror === undefined && critical === undefined ? undefined : new Followers(engine, lane, mirror, critical);
  }

  /**
   * A record was committed, and its frame ends at `committedTo`. `framed`: bytes of the frame's payload, which for a
   * record too large for the ring is a path. `target` has the record itself still.
   */
  inRing(level: Level, target: Target, framed: number, committedTo: number): void {
    this.#mirror?.touch();
    if (this.critical?.isCritical(level.value) !== true) return;
    const position = (committedTo - alignFrame(FRAME_HEADER_BYTES + framed)) >>> 0;
    const at = this.#frames + (position & (this.#capacity - 1));
    const seq = this.#words[(at >>> 2) + FRAME_SEQ_WORD]!;
    const place = { position, seq, flags: 0, levelIndex: level.index };
    if (target.isOutside) this.#addOutside(place, target);
    else this.critical.add({ ...place, offset: at + FRAME_HEADER_BYTES, length: framed });
  }

  /** The same of a record that is in the overflow, as the one with number `seq`. */
  beyondRing(level: Level, target: Target, seq: number): void {
    this.#mirror?.touch();
    if (this.critical?.isCritical(level.value) !== true) return;
    this.#addOutside({ position: 0, seq, flags: BEYOND_RING, levelIndex: level.index }, target);
  }

  #addOutside(
    place: { readonly position: number; readonly seq: number; readonly flags: number; readonly levelIndex: number },
    target: Target,
  ): void {
    const outside = target.written();
    this.critical?.add({ ...place, offset: 0, length: outside.length, outside });
  }
}
