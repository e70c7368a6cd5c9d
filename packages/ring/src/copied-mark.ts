import { crc32c } from "@spillway/core";
import {
  CONSUMER_COPIED,
  CONSUMER_COPIED_CHECK,
  CONSUMER_COPIED_EPOCH,
  CONSUMERS,
  LANE_EPOCH,
  LANE_HEADER_BYTES,
  laneOffset,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";
import { isBefore } from "./position.ts";

/** How much of a mirrored lane the drain has copied to its file: all that a sink can have a part of. */
export interface CopiedMark {
  readonly position: number;
  /** Number of the frame at `position`. */
  readonly seq: number;
  /** The dictionary that the frames before `position` need. */
  readonly dictionaryUsed: number;
  readonly dictionaryEntries: number;
  readonly dictionaryEpoch: number;
}

const WORDS = CONSUMER_COPIED_EPOCH - CONSUMER_COPIED + 1;

/**
 * The words of a lane's consumer 0 that say so, with a CRC32C of theirs begun with the ring's epoch. Its producer copies
 * when its turn is over, so in the file the producer's words may be older than these. All 0: nothing was copied.
 */
export class CopiedWords {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #epoch: number;
  /** The words, out of everybody else's reach. */
  readonly #values = new Int32Array(WORDS);
  readonly #valueBytes = new Uint8Array(this.#values.buffer);

  constructor(memory: SharedArrayBuffer, lane: number) {
    this.#words = new Int32Array(memory, laneOffset(lane, laneCapacity(memory)), LANE_HEADER_BYTES / 4);
    this.#at = CONSUMERS + CONSUMER_COPIED;
    this.#epoch = this.#words[LANE_EPOCH]!;
  }

  /** Undefined: nothing was copied, or the words are damaged. */
  read(): CopiedMark | undefined {
    if (!this.#load() || this.#check() !== this.#words[CONSUMERS + CONSUMER_COPIED_CHECK]) return undefined;
    const [position, seq, dictionaryUsed, dictionaryEntries, dictionaryEpoch] = this.#values as unknown as number[];
    return {
      position: position! >>> 0,
      seq: seq! >>> 0,
      dictionaryUsed: dictionaryUsed!,
      dictionaryEntries: dictionaryEntries!,
      dictionaryEpoch: dictionaryEpoch!,
    };
  }

  get isDamaged(): boolean {
    return this.#load() && this.#check() !== this.#words[CONSUMERS + CONSUMER_COPIED_CHECK];
  }

  /** Never goes back: who takes a drain over begins where it was acked, and a sink may have more. */
  store({ position, seq, dictionaryUsed, dictionaryEntries, dictionaryEpoch }: CopiedMark): void {
    const before = this.read();
    if (before !== undefined && isBefore(position, before.position)) return;
    const values = this.#values;
    values[0] = position;
    values[1] = seq;
    values[2] = dictionaryUsed;
    values[3] = dictionaryEntries;
    values[4] = dictionaryEpoch;
    this.#words.set(values, this.#at);
    this.#words[CONSUMERS + CONSUMER_COPIED_CHECK] = this.#check();
  }

  clear(): void {
    this.#words.fill(0, this.#at, CONSUMERS + CONSUMER_COPIED_CHECK + 1);
  }

  /** False: nothing was ever stored. */
  #load(): boolean {
    this.#values.set(this.#words.subarray(this.#at, this.#at + WORDS));
    return this.#words[CONSUMERS + CONSUMER_COPIED_CHECK] !== 0 || this.#values.some((value) => value !== 0);
  }

  #check(): number {
    return crc32c(this.#valueBytes, 0, this.#valueBytes.length, this.#epoch) | 0;
  }
}
