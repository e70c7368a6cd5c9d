/**
 * Positions count bytes from the ring's birth, modulo 2^32. Only differences between them mean anything; `>>> 0` makes
 * those right across the wrap, as long as the ring is smaller than 2^31.
 */

/** How far `to` is ahead of `from`. */
export function distance(from: number, to: number): number {
  return (to - from) >>> 0;
}

export function advance(position: number, bytes: number): number {
  return (position + bytes) >>> 0;
}

/** Whether `a` stands before `b`, given that they are less than 2^31 apart. */
export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
