import { CONTROL_BYTES, LANE_OWNER_STRIDE, LANE_OWNERS } from "@spillway/core";
import { laneCount } from "./memory.ts";

/** Which thread owns which lane: `compareExchange` on a word per lane, so that threads need no wiring to claim one. */
export class LaneTable {
  readonly #control: Int32Array;
  readonly count: number;

  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.count = laneCount(memory);
  }

  /** The lane that is `threadId`'s from now on, or undefined when all are taken. */
  claim(threadId: number): number | undefined {
    for (let index = 0; index < this.count; index++) {
      if (Atomics.compareExchange(this.#control, LANE_OWNERS + index * LANE_OWNER_STRIDE, 0, threadId + 1) === 0) {
        return index;
      }
    }
    return undefined;
  }

  release(index: number): void {
    Atomics.store(this.#control, LANE_OWNERS + index * LANE_OWNER_STRIDE, 0);
  }

  ownerOf(index: number): number | undefined {
    const owner = Atomics.load(this.#control, LANE_OWNERS + index * LANE_OWNER_STRIDE);
    return owner === 0 ? undefined : owner - 1;
  }

  /** Frees every lane of a thread that is gone. What it committed stays and is drained as before. */
  releaseAll(threadId: number): void {
    for (let index = 0; index < this.count; index++) {
      Atomics.compareExchange(this.#control, LANE_OWNERS + index * LANE_OWNER_STRIDE, threadId + 1, 0);
    }
  }
}
