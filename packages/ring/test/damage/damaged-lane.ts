/** A lane full of frames that damage is done to, and what comes out of it then. */
import { DamagedFrameError, FRAME_HEADER_BYTES } from "@spillway/core";
import { Consumer, FRAMES_OFFSET, laneOffset } from "../../src/index.ts";
import { CAPACITY, LaneUnderTest, payloadOf } from "../lane-under-test.ts";

export interface Outcome {
  /** How many frames came out before the drain ended. */
  readonly frames: number;
  /** Where the damage was noticed; undefined: not at all. */
  readonly noticedAt: number | undefined;
  /** The frames that came out, as they are: position, tag, payload. */
  readonly out: readonly { readonly tag: number; readonly offset: number; readonly length: number }[];
}

export class DamagedLane {
  readonly lane: LaneUnderTest;
  /** Position of each frame. */
  readonly positions: number[] = [];
  readonly frames: Int32Array;
  readonly #intact: Int32Array;

  constructor(lengths: readonly number[], start = 0) {
    this.lane = new LaneUnderTest({ lanes: 2, start });
    let position = this.lane.producer.committedTo;
    for (let i = 0; i < lengths.length; i++) {
      this.lane.put(payloadOf(i, lengths[i]!));
      this.positions.push(position);
      position = this.lane.producer.committedTo;
    }
    this.frames = new Int32Array(this.lane.memory, laneOffset(0, CAPACITY) + FRAMES_OFFSET, CAPACITY / 4);
    this.#intact = this.frames.slice();
  }

  repair(): void {
    this.frames.set(this.#intact);
  }

  /** Index among `frames` of the header of the frame at `position`. */
  headerOf(position: number): number {
    return (position % CAPACITY) / 4;
  }

  /** Drains with a new consumer. Throws where a handler would be led out of the lane, or a drain goes on for ever. */
  drain(position?: number): Outcome {
    const consumer = new Consumer(this.lane.memory, 0);
    if (position !== undefined) consumer.rewind(position);
    const from = laneOffset(0, CAPACITY) + FRAMES_OFFSET;
    const out: { tag: number; offset: number; length: number }[] = [];
    try {
      consumer.drain((tag, offset, length) => {
        if (offset < from + FRAME_HEADER_BYTES || length < 0 || offset + length > from + CAPACITY) {
          throw new Error(`led out of the lane: ${length} bytes at ${offset - from}`);
        }
        out.push({ tag, offset: offset - from, length });
        if (out.length > CAPACITY / FRAME_HEADER_BYTES) throw new Error("more frames than a lane can hold");
        return true;
      }, Number.POSITIVE_INFINITY);
    } catch (error) {
      if (!(error instanceof DamagedFrameError)) throw error;
      return { frames: out.length, noticedAt: error.position, out };
    }
    return { frames: out.length, noticedAt: undefined, out };
  }
}
