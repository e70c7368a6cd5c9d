import { OVERFLOW_WORD_UNIT } from "./layout.ts";

/** Positions of 53 bits in words of 32: a word counts sixteens, and what it is near to is known. */

export function storePosition(words: Int32Array, index: number, position: number): void {
  Atomics.store(words, index, (position / OVERFLOW_WORD_UNIT) | 0);
}

/** The position at `word` that is not before `from`, and less than 64 GiB behind it. */
export function positionFrom(from: number, word: number): number {
  return from + ((word - ((from / OVERFLOW_WORD_UNIT) | 0)) >>> 0) * OVERFLOW_WORD_UNIT;
}

/** The position at `word` that is not behind `to`, and less than 64 GiB before it. */
export function positionUpTo(to: number, word: number): number {
  return to - ((((to / OVERFLOW_WORD_UNIT) | 0) - word) >>> 0) * OVERFLOW_WORD_UNIT;
}
