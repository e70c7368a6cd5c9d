/** Every truncation and every flipped bit of a segment, for the plain run in small and the long one in full. */
import { expect } from "vitest";
import { OVERFLOW_HEADER_BYTES, type RecoveryMode } from "../../src/index.ts";
import { type DamagedSegment, MODES, seqsOf } from "./damaged-segment.ts";

const ONE_MODE: readonly RecoveryMode[] = ["skip-corrupt"];

/** `step`: 1 for every length there is. */
export function truncateEverywhere(segment: DamagedSegment, step: number): number {
  const { intact, pieces } = segment;
  let tried = 0;
  for (let length = 0; length < intact.length; length += step) {
    tried++;
    const cut = intact.subarray(0, length);
    const whole = pieces.filter(({ to }) => to <= length);
    const end = whole.at(-1)?.to ?? OVERFLOW_HEADER_BYTES;
    for (const mode of MODES) {
      // A file that ends between two frames is what a writer that died there leaves: nothing shows that there was more.
      const isClean = length >= OVERFLOW_HEADER_BYTES && length === end;
      if (mode === "absolute" && !isClean) {
        expect(() => segment.read(cut, mode), `${length}`).toThrow(/tail|header|ack/);
        continue;
      }
      const read = segment.read(cut, mode);
      segment.expectGenuine(read);
      if (length < OVERFLOW_HEADER_BYTES) expect(read.out.length, `${length}`).toBe(0);
      else expect(seqsOf(read), `${length}`).toEqual(whole.map(({ seq }) => seq));
      const tails = read.damage.filter(({ what }) => what === "tail");
      if (isClean) expect(read.damage).toEqual([]);
      else if (length > OVERFLOW_HEADER_BYTES)
        expect(tails).toEqual([expect.objectContaining({ from: end, to: length })]);
      else expect(read.damage.length, `${length}`).toBeGreaterThan(0);
    }
  }
  return tried;
}

/** `bits`: which ones, of all in the file. All modes are asked about one of them in `modesEvery`, the others one. */
export function flipBits(segment: DamagedSegment, bits: Iterable<number>, modesEvery = 1): number {
  const { intact, pieces } = segment;
  const bytes = Buffer.from(intact);
  let tried = 0;
  for (const bit of bits) {
    tried++;
    const at = bit >>> 3;
    bytes[at]! ^= 1 << (bit & 7);
    const hit = pieces.findIndex(({ from, to }) => at >= from && at < to);
    for (const mode of bit % modesEvery === 0 ? MODES : ONE_MODE) {
      if (mode === "absolute") {
        expect(() => segment.read(bytes, mode), `bit ${bit}`).toThrow();
        continue;
      }
      const read = segment.read(bytes, mode);
      segment.expectGenuine(read);
      const located = read.damage.some(({ from, to }) => from <= at && at < to);
      if (!located || read.damage.length !== 1) expect.fail(`bit ${bit}: ${JSON.stringify(read.damage)}`);
      const expected = pieces.filter((_, i) => hit === -1 || (mode === "skip-corrupt" ? i !== hit : i < hit));
      if (read.out.length !== expected.length) expect.fail(`bit ${bit}, ${mode}: ${seqsOf(read)}`);
    }
    bytes[at] = intact[at]!;
  }
  return tried;
}

export function* everyBit(bytes: number): Iterable<number> {
  for (let bit = 0; bit < bytes * 8; bit++) yield bit;
}

/** The same ones in every run: every bit of all that has structure, and one in `step` of the rest. */
export function* someBits(bytes: number, step: number): Iterable<number> {
  for (let bit = 0; bit < bytes * 8; bit += 1 + ((bit * 7919) % step)) yield bit;
}
