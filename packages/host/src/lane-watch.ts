import { LANE_OWNER_STRIDE, LANE_OWNERS } from "@spillway/core";
import type { RingFileTrouble } from "@spillway/spill";

/** Twice in the second within which it is promised to be noticed. Costs one stat per lane each time. */
const LOOK_MS = 500;
/** While a file cannot be made anew, looks in between; doubled up to this. */
const MAX_PAUSE_LOOKS = 64;

/** What the watch asks of whoever keeps the files. */
export interface KeptLanes {
  readonly count: number;
  /** What has become of the lane's file; undefined: it is as it should be, or there is none. */
  troubleOf(lane: number): RingFileTrouble | undefined;
  /** Makes the file anew. False: not now. To be called by the lane's producer alone, between its log calls. */
  remake(lane: number, trouble: RingFileTrouble): boolean;
}

/**
 * Looks whether the ring files are still what the lanes are kept in: somebody may have deleted, replaced or truncated
 * them. Each thread sees to its own lane, because nobody else may stop its producer for the moment this takes; the thread
 * that made the engine also to those of threads that have ended.
 */
export class LaneWatch {
  readonly #control: Int32Array;
  readonly #lanes: KeptLanes;
  readonly #thread: number;
  readonly #isOwner: boolean;
  #timer: NodeJS.Timeout | undefined;
  #looksToSkip = 0;
  #pause = 0;

  constructor(control: Int32Array, lanes: KeptLanes, thread: number, isOwner: boolean) {
    this.#control = control;
    this.#lanes = lanes;
    this.#thread = thread;
    this.#isOwner = isOwner;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  look(): void {
    if (this.#looksToSkip-- > 0) return;
    this.#looksToSkip = 0;
    let isWell = true;
    for (let lane = 0; lane < this.#lanes.count; lane++) if (!this.#lookAt(lane)) isWell = false;
    this.#pause = isWell ? 0 : Math.min(MAX_PAUSE_LOOKS, this.#pause * 2 || 1);
    this.#looksToSkip = this.#pause;
  }

  /** False: its file is not what it should be, still. */
  #lookAt(lane: number): boolean {
    const word = LANE_OWNERS + lane * LANE_OWNER_STRIDE;
    const own = this.#thread + 1;
    const owner = Atomics.load(this.#control, word);
    if (owner !== own && !(owner === 0 && this.#isOwner)) return true;
    const trouble = this.#lanes.troubleOf(lane);
    if (trouble === undefined) return true;
    if (owner === own) return this.#lanes.remake(lane, trouble);
    // Nobody else may claim the lane meanwhile; what its last owner left in it stays.
    if (Atomics.compareExchange(this.#control, word, 0, own) !== 0) return true;
    try {
      return this.#lanes.remake(lane, trouble);
    } finally {
      Atomics.store(this.#control, word, 0);
    }
  }
}
