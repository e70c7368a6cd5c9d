/** Random damage to segments, as a number says: the same number, the same damage. */
import { expect } from "vitest";
import { DamagedSegment, MODES } from "./damaged-segment.ts";

/** xorshift32 */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One to six of: a byte, a run, a copy of another part, a cut, an insertion, a word of interest. */
export function mutate(intact: Buffer, seed: number): Buffer {
  const random = randomFrom(seed * 2_654_435_761);
  let bytes = Buffer.from(intact);
  for (let changes = 1 + random(6); changes > 0 && bytes.length > 0; changes--) {
    const at = random(bytes.length);
    const length = Math.min(1 + random(200), bytes.length - at);
    switch (random(7)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes.fill(random(2) * 0xff, at, at + length);
        break;
      case 2:
        bytes.copy(bytes, at, random(bytes.length));
        break;
      case 3:
        bytes = bytes.subarray(0, at);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length, random(256)), bytes.subarray(at)]);
        break;
      default: {
        const words = [0, -1, 0x7fff_ffff, -0x8000_0000, 16, bytes.length];
        const word = at & ~3;
        if (word + 4 <= bytes.length) bytes.writeInt32LE(words[random(words.length)]!, word);
      }
    }
  }
  return bytes;
}

export interface Mutated {
  readonly tried: number;
  readonly damaged: number;
  readonly frames: number;
}

/** Reads mutations `from` to `to` in one mode each; what comes out is genuine, whatever went in. */
export function readMutations(from: number, to: number): Mutated {
  using segment = new DamagedSegment([0, 11, 12, 13, 40, 500, 28, 300, 5, 90, 64], 3);
  let damaged = 0;
  let frames = 0;
  for (let seed = from; seed < to; seed++) {
    const mode = MODES[seed % MODES.length]!;
    try {
      const read = segment.read(mutate(segment.intact, seed), mode);
      segment.expectGenuine(read);
      frames += read.frames;
      if (read.damage.length > 0) damaged++;
    } catch (error) {
      if (mode !== "absolute") throw new Error(`mutation ${seed}`, { cause: error });
      expect((error as { code?: string }).code).toBe("ERR_SPILLWAY_DAMAGED_FRAME");
      damaged++;
    }
  }
  return { tried: to - from, damaged, frames };
}
