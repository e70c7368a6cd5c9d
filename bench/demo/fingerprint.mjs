// Where content divides by itself, and a number that similar contents share.
//
// A rolling hash over the bytes ends a chunk wherever its low bits are all zero. The place depends on the bytes
// just before it only, so a byte put in at the front moves one boundary, not all of them. The chunks' hashes
// vote on each bit of a 32-bit fingerprint: files with most chunks in common agree in most bits.

const LEAST_CHUNK = 256;
const MOST_CHUNK = 8 * 1024;
/** Ten bits: a boundary every KiB on average after the least length. */
const BOUNDARY_MASK = 0x3ff << 16;

/** One random word for each byte value; any fixed ones do. */
const GEAR = gearTable(0x9e3779b9);

function gearTable(seed) {
  const table = new Int32Array(256);
  let x = seed;
  for (let i = 0; i < 256; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    table[i] = x;
  }
  return table;
}

/**
 * Calls `onChunk(index, offset, length, hash)` for each chunk, in order.
 * @returns {{ chunks: number, fingerprint: string }}
 */
export function fingerprint(bytes, onChunk) {
  const votes = new Int32Array(32);
  let chunks = 0;
  let start = 0;
  while (start < bytes.length) {
    const { end, hash } = nextBoundary(bytes, start);
    vote(votes, hash);
    onChunk(chunks, start, end - start, hash >>> 0);
    chunks++;
    start = end;
  }
  let bits = 0;
  for (let bit = 0; bit < 32; bit++) if (votes[bit] > 0) bits |= 1 << bit;
  return { chunks, fingerprint: (bits >>> 0).toString(16).padStart(8, "0") };
}

function nextBoundary(bytes, start) {
  const most = Math.min(bytes.length, start + MOST_CHUNK);
  const least = Math.min(most, start + LEAST_CHUNK);
  let hash = 0;
  let content = 0;
  let at = start;
  for (; at < least; at++) {
    hash = (hash << 1) + GEAR[bytes[at]];
    content = Math.imul(content ^ bytes[at], 0x01000193);
  }
  for (; at < most; at++) {
    hash = (hash << 1) + GEAR[bytes[at]];
    content = Math.imul(content ^ bytes[at], 0x01000193);
    if ((hash & BOUNDARY_MASK) === 0) return { end: at + 1, hash: content };
  }
  return { end: at, hash: content };
}

function vote(votes, hash) {
  for (let bit = 0; bit < 32; bit++) votes[bit] += hash & (1 << bit) ? 1 : -1;
}
