import { CONTROL_BYTES, LANE_OWNER_STRIDE, LANE_OWNERS } from "@spillway/core";
import { Consumer } from "./consumer.ts";
import { laneOffset, OVERFLOW_ACKED_OFFSET, OVERFLOW_WORDS_OFFSET } from "./layout.ts";
import { laneCapacity, laneCount } from "./memory.ts";
import { distance } from "./position.ts";

/** Which thread owns which lane: `compareExchange` on a word per lane, so that threads need no wiring to claim one. */
export class LaneTable {
  readonly #control: Int32Array;
  readonly #consumers: readonly Consumer[];
  /** Per lane: how far its overflow was written, and acked. */
  readonly #overflows: readonly (readonly Int32Array[])[];
  readonly count: number;

  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.count = laneCount(memory);
    this.#consumers = Array.from({ length: this.count }, (_, index) => new Consumer(memory, index));
    this.#overflows = this.#consumers.map((_, index) => {
      const offset = laneOffset(index, laneCapacity(memory)) + OVERFLOW_WORDS_OFFSET;
      return [new Int32Array(memory, offset, 1), new Int32Array(memory, offset + OVERFLOW_ACKED_OFFSET, 1)];
    });
  }

  /**
   * The lane that is `threadId`'s from now on; undefined when there is none that is free and has been acked to its end:
   * a new owner begins the lane's dictionary anew, which the frames of the one before still need.
   */
  claim(threadId: number): number | undefined {
    for (let index = 0; index < this.count; index++) {
      if (!this.#isFree(index) || !this.isAcked(index)) continue;
      if (Atomics.compareExchange(this.#control, LANE_OWNERS + index * LANE_OWNER_STRIDE, 0, threadId + 1) !== 0)
        continue;
      // Between the look and the claim another thread may have had it, and have left something in it.
      if (this.isAcked(index)) return index;
      this.release(index);
    }
    return undefined;
  }

  /** Whether some lane has no owner. */
  get hasFree(): boolean {
    return this.#consumers.some((_, index) => this.#isFree(index));
  }

  /** How far each lane is committed now: in the ring, then, in as many more numbers, what did not fit there. */
  committed(): readonly number[] {
    return [
      ...this.#consumers.map((consumer) => consumer.committedTo),
      ...this.#overflows.map(([written]) => Atomics.load(written!, 0) >>> 0),
    ];
  }

  /** How far each lane is acked now, in the same order. */
  acked(): readonly number[] {
    return [
      ...this.#consumers.map((consumer) => consumer.ackedTo),
      ...this.#overflows.map(([, acked]) => Atomics.load(acked!, 0) >>> 0),
    ];
  }

  /** Bytes of frames in the ring that were committed and have not been acked. */
  pendingBytes(index: number): number {
    const { ackedTo, committedTo } = this.#consumers[index]!;
    return distance(ackedTo, committedTo);
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

  #isFree(index: number): boolean {
    return Atomics.load(this.#control, LANE_OWNERS + index * LANE_OWNER_STRIDE) === 0;
  }

  /** Whether nothing of the lane is needed any more, neither in the ring nor of what did not fit there. */
  isAcked(index: number): boolean {
    if (this.pendingBytes(index) !== 0) return false;
    const [written, acked] = this.#overflows[index]!;
    return Atomics.load(written!, 0) === Atomics.load(acked!, 0);
  }
}
