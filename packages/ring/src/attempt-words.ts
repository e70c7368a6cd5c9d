import { CONTROL_BYTES, CONTROL_EPOCH, frameCheck } from "@spillway/core";
import {
  CONSUMER_ATTEMPT,
  CONSUMER_ATTEMPT_CHECK,
  CONSUMER_ATTEMPT_FROM,
  CONSUMER_ATTEMPT_LIFE,
  CONSUMER_ATTEMPT_TO,
  CONSUMERS,
  LANE_EPOCH,
  LANE_HEADER_BYTES,
  laneOffset,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";

/** The flags of an attempt. Under way: whoever finds this set when it takes the drain over knows that it was not survived. */
export const ATTEMPT_UNDER_WAY = 1;
/** Of a single frame, with nothing else in its batch. */
export const ATTEMPT_ALONE = 2;
/** Of frames that did not fit into the ring: the positions are those of the lane's overflow, in units of 16 bytes. */
export const ATTEMPT_OVERFLOW = 4;
/** Of frames that were under way at a death before: see drain/attempts.ts. */
export const ATTEMPT_IN_DOUBT = 8;

/** `at`: the frames were being read; a number of 1 and up: sink `at - 1` was being given their lines. */
export const ATTEMPT_READING = 0;

const FLAGS = 15;
const AT_SHIFT = 8;
const DEATHS_SHIFT = 16;
const PROCESSES_SHIFT = 24;
const BYTE = 0xff;
const MOST_PROCESSES = 0x3f;
/** In every state that was stored: 0 says that there is nothing. */
const STORED = 0x4000_0000;

/** What the drain is doing with frames of a lane, or was doing when it died. */
export interface Attempt {
  readonly flags: number;
  /** What is being done: see ATTEMPT_READING. */
  readonly at: number;
  /**
   * How many times a drain was seen to die of `at` before, with the frame at `from` alone: its thread died and the process
   * lived on, or it ended the process itself; at most 255.
   */
  readonly deaths: number;
  /** How many processes were found dead at that place, nobody knows of what; at most 63. */
  readonly processes: number;
  /** Whether it was this engine's attempt, not that of a process before. */
  readonly isOurs: boolean;
  readonly from: number;
  /** Where the frames end that are under way, or in doubt because of an attempt before. */
  readonly to: number;
}

/**
 * The words of a lane's consumer 0 that say so. They stand in the lane, not in the control page, so that a process that
 * dies of a record leaves word of it in its ring file. The check begins with the ring's epoch: a flipped bit must not
 * bring a good record into doubt. All 0: nothing is under way, and nothing in doubt.
 *
 * Written by whoever drains, with plain stores: it is read when the writer is gone, or by the writer.
 */
export class AttemptWords {
  readonly #words: Int32Array;
  readonly #epoch: number;
  readonly #life: number;

  constructor(memory: SharedArrayBuffer, lane: number) {
    this.#words = new Int32Array(memory, laneOffset(lane, laneCapacity(memory)), LANE_HEADER_BYTES / 4);
    this.#epoch = this.#words[LANE_EPOCH]!;
    this.#life = new Int32Array(memory, 0, CONTROL_BYTES / 4)[CONTROL_EPOCH]!;
  }

  /** Undefined: nothing is under way or in doubt, or the words are damaged. */
  read(): Attempt | undefined {
    const words = this.#words;
    const state = words[CONSUMERS + CONSUMER_ATTEMPT]!;
    const from = words[CONSUMERS + CONSUMER_ATTEMPT_FROM]!;
    const to = words[CONSUMERS + CONSUMER_ATTEMPT_TO]!;
    const life = words[CONSUMERS + CONSUMER_ATTEMPT_LIFE]!;
    const check = words[CONSUMERS + CONSUMER_ATTEMPT_CHECK];
    if (state === 0 || check !== this.#check(state, from, to, life)) return undefined;
    return {
      flags: state & FLAGS,
      at: (state >>> AT_SHIFT) & BYTE,
      deaths: (state >>> DEATHS_SHIFT) & BYTE,
      processes: (state >>> PROCESSES_SHIFT) & MOST_PROCESSES,
      isOurs: life === this.#life,
      from: from >>> 0,
      to: to >>> 0,
    };
  }

  store(flags: number, at: number, deaths: number, processes: number, from: number, to: number): void {
    const words = this.#words;
    const counts = (Math.min(deaths, BYTE) << DEATHS_SHIFT) | (Math.min(processes, MOST_PROCESSES) << PROCESSES_SHIFT);
    const state = flags | (at << AT_SHIFT) | counts | STORED;
    words[CONSUMERS + CONSUMER_ATTEMPT_FROM] = from;
    words[CONSUMERS + CONSUMER_ATTEMPT_TO] = to;
    words[CONSUMERS + CONSUMER_ATTEMPT_LIFE] = this.#life;
    words[CONSUMERS + CONSUMER_ATTEMPT_CHECK] = this.#check(state, from, to, this.#life);
    words[CONSUMERS + CONSUMER_ATTEMPT] = state;
  }

  /** Whether something is being done with frames that are in doubt. */
  get isTryingDoubtful(): boolean {
    const trying = ATTEMPT_UNDER_WAY | ATTEMPT_IN_DOUBT;
    return (this.#words[CONSUMERS + CONSUMER_ATTEMPT]! & trying) === trying;
  }

  clear(): void {
    this.#words[CONSUMERS + CONSUMER_ATTEMPT] = 0;
  }

  /**
   * What was under way was ended for a reason that is not the frames': nobody died of it. To be called when the drain is
   * gone, and nobody has its role yet.
   */
  pardon(): void {
    const attempt = this.read();
    if (attempt === undefined || (attempt.flags & ATTEMPT_UNDER_WAY) === 0) return;
    const { flags, at, deaths, processes, from, to } = attempt;
    if ((flags & ATTEMPT_IN_DOUBT) === 0) this.clear();
    else this.store(flags & ~ATTEMPT_UNDER_WAY, at, deaths, processes, from, to);
  }

  /** The same as that of a frame's header: one flipped bit anywhere shows. */
  #check(state: number, from: number, to: number, life: number): number {
    return frameCheck(from, to, state, this.#epoch) ^ ((life << 5) | (life >>> 27));
  }
}
