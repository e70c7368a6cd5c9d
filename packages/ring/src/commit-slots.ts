import { COMMIT_SLOTS_OFFSET, COMMIT_SLOTS_STRIDE, laneOffset } from "./layout.ts";
import { laneCapacity } from "./memory.ts";

/**
 * What a sink had of a lane at a certain moment: "frames before `position` are in the file before `offset`".
 *
 * A slot is stored before a write to a file that others have written to since, and after every write. So the slot of
 * the lane that wrote last says from where a replay produces the bytes that may already stand behind `offset`.
 */
export interface Commit {
  /** Grows with every write to the sink, over all lanes: the lane with the greatest one wrote last. */
  readonly turn: number;
  readonly position: number;
  /** Length of the destination then; -1 where that cannot be told. */
  readonly offset: number;
  readonly identity: number;
  /** Records of this lane the sink has had, since the ring's birth. */
  readonly delivered: number;
}

const SLOT_BYTES = 64;
const SELECTOR_BYTES = 128;

/**
 * Two slots and a selector per sink, in the lane's header:
 *
 *   0                64               128
 *   +----------------+----------------+-----------+
 *   | slot 0         | slot 1         | selector  |
 *   +----------------+----------------+-----------+
 *     turn, position, offset, identity, delivered: five float64
 *
 * The slot that is not selected is filled, then selected by one atomic store: whoever dies in between leaves the old
 * one valid. A selector of 0 means that there is none yet; 1 and 2 name the slot.
 */
export class CommitSlots {
  readonly #floats: Float64Array;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer, laneIndex: number, sinkIndex: number) {
    const offset = laneOffset(laneIndex, laneCapacity(memory)) + COMMIT_SLOTS_OFFSET + sinkIndex * COMMIT_SLOTS_STRIDE;
    this.#floats = new Float64Array(memory, offset, (2 * SLOT_BYTES) / 8);
    this.#words = new Int32Array(memory, offset + SELECTOR_BYTES, 1);
  }

  read(): Commit | undefined {
    const selector = Atomics.load(this.#words, 0);
    if (selector === 0) return undefined;
    const at = (selector - 1) * (SLOT_BYTES / 8);
    return {
      turn: this.#floats[at]!,
      position: this.#floats[at + 1]!,
      offset: this.#floats[at + 2]!,
      identity: this.#floats[at + 3]!,
      delivered: this.#floats[at + 4]!,
    };
  }

  /** Records delivered so far, without an object. */
  get delivered(): number {
    const selector = Atomics.load(this.#words, 0);
    return selector === 0 ? 0 : this.#floats[(selector - 1) * (SLOT_BYTES / 8) + 4]!;
  }

  store(turn: number, position: number, offset: number, identity: number, delivered: number): void {
    const next = Atomics.load(this.#words, 0) === 1 ? 2 : 1;
    const at = (next - 1) * (SLOT_BYTES / 8);
    this.#floats[at] = turn;
    this.#floats[at + 1] = position;
    this.#floats[at + 2] = offset;
    this.#floats[at + 3] = identity;
    this.#floats[at + 4] = delivered;
    // Selects it: pairs with the load in read().
    Atomics.store(this.#words, 0, next);
  }
}
