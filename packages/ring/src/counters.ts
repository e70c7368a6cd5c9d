import { LEVEL_CLASSES } from "@spillway/core";
import { ACCEPTED_BY_CLASS, DROPPED_BY_REASON, FRAMES_OFFSET, laneOffset, UNDURABLE } from "./layout.ts";
import { laneCapacity } from "./memory.ts";

const CLASSES: number = LEVEL_CLASSES.length;

/**
 * The producer's counters in a lane's header. One writer, the lane's owner: plain stores, no Atomics.add. A reader on
 * another thread may be a moment behind, never wrong by more than the calls in flight.
 */
export class LaneCounters {
  /** Float64 view of the lane; the hot path raises `values[ACCEPTED_BY_CLASS + class]` itself. */
  readonly values: Float64Array;

  constructor(memory: SharedArrayBuffer, laneIndex: number) {
    const offset = laneOffset(laneIndex, laneCapacity(memory));
    this.values = new Float64Array(memory, offset, FRAMES_OFFSET / 8);
  }

  drop(reason: number, levelClass: number): void {
    this.values[DROPPED_BY_REASON + reason * CLASSES + levelClass]! += 1;
  }

  accepted(): number {
    let sum = 0;
    for (let i = 0; i < CLASSES; i++) sum += this.values[ACCEPTED_BY_CLASS + i]!;
    return sum;
  }

  acceptedOf(levelClass: number): number {
    return this.values[ACCEPTED_BY_CLASS + levelClass]!;
  }

  /** Critical records that no write-ahead log has. */
  addUndurable(count: number): void {
    this.values[UNDURABLE]! += count;
  }

  get undurable(): number {
    return this.values[UNDURABLE]!;
  }

  dropped(reason: number): number {
    let sum = 0;
    for (let i = 0; i < CLASSES; i++) sum += this.droppedOf(reason, i);
    return sum;
  }

  droppedOf(reason: number, levelClass: number): number {
    return this.values[DROPPED_BY_REASON + reason * CLASSES + levelClass]!;
  }
}
