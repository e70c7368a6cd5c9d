/** What both threads of the stress test agree on: how long frame n is and which bytes it has. */
export const SHORTEST = 4;
export const LONGEST = 600;

/** @param {number} n */
export function lengthOf(n) {
  return SHORTEST + ((Math.imul(n, 0x9e3779b1) >>> 8) % (LONGEST - SHORTEST + 1));
}

/**
 * Byte i of frame n; neighbours differ, and so do frames that come to stand in the same place.
 *
 * @param {number} n
 * @param {number} i
 */
export function byteOf(n, i) {
  return (n * 31 + (n >>> 8) * 17 + i * 7) & 0xff;
}
