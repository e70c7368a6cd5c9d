import { crc32c } from "@spillway/core";
import { COMMIT_SLOTS_OFFSET, COMMIT_SLOTS_STRIDE, LANE_EPOCH, laneOffset } from "./layout.ts";
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
  /** Number of the frame at `position`. */
  readonly seq: number;
}

const SLOT_BYTES = 64;
const VALUES = 6;
const CHECK_BYTE = VALUES * 8;
/** A reader on another thread meets a store under way now and then; the worker stores once per batch. */
const ATTEMPTS = 8;

/**
 * A slot and its copy per sink, in the lane's header, and the same again for the lane's overflow:
 *
 *   0                                                        48      52           64
 *   +--------+----------+--------+----------+-----------+-----+-------+------------+----------------+---
 *   | turn   | position | offset | identity | delivered | seq | check | 0          | the copy       |
 *   +--------+----------+--------+----------+-----------+-----+-------+------------+----------------+---
 *     six float64                                              crc32c
 *
 * The check is a CRC32C of the six values, begun with the ring's epoch. A store fills the slot, then its copy. So
 * whoever dies in the middle of it leaves one of the two whole, and so does damage to either: the slot is believed
 * where its check fits, otherwise the copy.
 */
export class CommitSlots {
  readonly #floats: Float64Array;
  /** The check of the slot and, SLOT_BYTES on, that of the copy. */
  readonly #checks: Int32Array;
  readonly #epoch: number;
  /** One slot, out of everybody else's reach. */
  readonly #values = new Float64Array(VALUES);
  readonly #valueBytes = new Uint8Array(this.#values.buffer);

  /** `isOverflow`: of the lane's frames that did not fit into the ring; the positions are those of its overflow stream. */
  constructor(memory: SharedArrayBuffer, laneIndex: number, sinkIndex: number, isOverflow = false) {
    const lane = laneOffset(laneIndex, laneCapacity(memory));
    const offset =
      lane + COMMIT_SLOTS_OFFSET + sinkIndex * COMMIT_SLOTS_STRIDE + (isOverflow ? COMMIT_SLOTS_STRIDE / 2 : 0);
    this.#floats = new Float64Array(memory, offset, (2 * SLOT_BYTES) / 8);
    this.#checks = new Int32Array(memory, offset + CHECK_BYTE, SLOT_BYTES / 4 + 1);
    this.#epoch = new Int32Array(memory, lane, LANE_EPOCH + 1)[LANE_EPOCH]!;
  }

  /** What was stored last; undefined: nothing yet, or it is damaged. */
  read(): Commit | undefined {
    if (!this.#load()) return undefined;
    const values = this.#values;
    return {
      turn: values[0]!,
      position: values[1]!,
      offset: values[2]!,
      identity: values[3]!,
      delivered: values[4]!,
      seq: values[5]!,
    };
  }

  /** Records delivered so far, without an object. */
  get delivered(): number {
    return this.#load() ? this.#values[4]! : 0;
  }

  /** How many of the two, slot and copy, hold something that was not stored there. */
  get damaged(): number {
    return [0, 1].filter((slot) => !this.#fits(slot) && !this.#isEmpty(slot)).length;
  }

  /** As if nothing had been stored: a damaged slot must not be met again. */
  clear(): void {
    this.#floats.fill(0);
  }

  store(turn: number, position: number, offset: number, identity: number, delivered: number, seq: number): void {
    const values = this.#values;
    values[0] = turn;
    values[1] = position;
    values[2] = offset;
    values[3] = identity;
    values[4] = delivered;
    values[5] = seq >>> 0;
    const check = this.#check();
    this.#put(0, check);
    this.#put(1, check);
  }

  #put(slot: number, check: number): void {
    this.#floats.set(this.#values, (slot * SLOT_BYTES) / 8);
    // Atomic, so that the slot is whole before the first value of the copy is stored. Pairs with the load in #fits().
    Atomics.store(this.#checks, (slot * SLOT_BYTES) / 4, check);
  }

  /** Fetches the slot, or the copy. False: there is neither. */
  #load(): boolean {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (this.#fits(0)) return true;
      // Nothing was ever stored: the copy is filled after the slot.
      if (this.#isEmpty(0)) return false;
      if (this.#fits(1)) return true;
      if (this.#isEmpty(1)) return false;
    }
    return false;
  }

  #fits(slot: number): boolean {
    const check = Atomics.load(this.#checks, (slot * SLOT_BYTES) / 4);
    const from = (slot * SLOT_BYTES) / 8;
    for (let i = 0; i < VALUES; i++) this.#values[i] = this.#floats[from + i]!;
    return this.#check() === check;
  }

  #isEmpty(slot: number): boolean {
    const from = (slot * SLOT_BYTES) / 8;
    for (let i = 0; i < VALUES; i++) if (this.#floats[from + i] !== 0) return false;
    return this.#checks[(slot * SLOT_BYTES) / 4] === 0;
  }

  #check(): number {
    return crc32c(this.#valueBytes, 0, this.#valueBytes.length, this.#epoch) | 0;
  }
}
