/** Random harm to a ring file, as a number says: the same number, the same harm. And what must hold after it. */
import { CONTROL_BYTES } from "@spillway/core";
import { DICTIONARY_OFFSET, DICTIONARY_USED, FRAMES_OFFSET } from "@spillway/ring";
import { Random, TempFolder } from "@spillway/testkit";
import { DamagedRing } from "./damaged-ring.ts";
import { CAPACITY, type Extracted, makeDeadRing } from "./dead-ring.ts";

const PAGE = 4096;
const OWNER = FRAMES_OFFSET + CAPACITY;
/** Fewer frames than the other tests have, for a million readings; as many bytes in between. */
const PENDING = 60;
/** Reading takes a third of a millisecond. On a machine with other things to do it may take its time, but not this. */
const SLOWEST_MS = 10_000;
const WORDS = [0, -1, 0x7fff_ffff, -0x8000_0000, 16, CAPACITY, CONTROL_BYTES] as const;

export interface Mutated {
  readonly tried: number;
  /** Readings that said that something was damaged. */
  readonly told: number;
  /** Lines that had to come out, and did. */
  readonly found: number;
  /** What went wrong, the first ten. */
  readonly wrong: readonly string[];
}

class Mutation {
  readonly #damaged: DamagedRing;
  readonly #random: Random;
  /** Of the frames that are needed, in front of the end of the lane. */
  readonly #needed: { readonly from: number; readonly to: number };
  size: number;

  constructor(damaged: DamagedRing, random: Random, needed: { readonly from: number; readonly to: number }) {
    this.#damaged = damaged;
    this.#random = random;
    this.#needed = needed;
    this.size = damaged.bytes.length;
  }

  /** One of: a bit, a byte, a word, a sector, a copy of a stretch or a page from another place, seldom a cut. */
  add(): void {
    const random = this.#random;
    const { bytes } = this.#damaged;
    const at = this.#place();
    switch (random.between(0, 8)) {
      case 0:
      case 1:
      case 2:
        bytes[at]! ^= 1 << random.between(0, 7);
        break;
      case 3:
        bytes[at] = random.between(0, 255);
        break;
      case 4:
        bytes.writeInt32LE(random.chance(0.2) ? random.between(0, 65_535) : random.pick(WORDS), at & ~3);
        break;
      case 5:
        bytes.fill(random.pick([0, 0xff]), at & ~511, (at & ~511) + 512);
        break;
      case 6:
        this.#copy(at & ~15, random.between(1, 32) * 16, 16);
        break;
      case 7:
        this.#copy(at & ~(PAGE - 1), PAGE, PAGE);
        break;
      default:
        if (random.chance(0.05)) this.size = random.between(0, this.size);
    }
  }

  #place(): number {
    const random = this.#random;
    const what = random.next();
    if (what < 0.35) return random.between(this.#needed.from, this.#needed.to - 1);
    if (what < 0.6) return FRAMES_OFFSET + random.between(0, CAPACITY - 1);
    if (what < 0.75) return random.between(0, PAGE - 1);
    if (what < 0.9) return DICTIONARY_OFFSET + random.between(0, 511);
    return OWNER + random.between(0, 599);
  }

  /** Of frames, over whatever stands at `at`; inside of its own part of the file. */
  #copy(at: number, length: number, unit: number): void {
    const { bytes } = this.#damaged;
    const source = FRAMES_OFFSET + this.#random.between(0, (CAPACITY - length) / unit) * unit;
    const end = at < FRAMES_OFFSET ? 2 * PAGE : bytes.length;
    bytes.copy(bytes, at, source, source + Math.min(length, end - at));
  }
}

/**
 * Reads mutations `from` to `to`: reading is to end, to throw nothing, and to find every record that was not touched.
 * Knows no test runner, whose way of loading modules makes it ten times slower: run-mutations.ts runs it.
 */
export function readMutations(from: number, to: number): Mutated {
  using folder = new TempFolder();
  using damaged = new DamagedRing(makeDeadRing(folder.path, 0, PENDING));
  const { ring } = damaged;
  const dictionaryEnd = DICTIONARY_OFFSET + ring.bytes.readInt32LE(DICTIONARY_USED * 4);
  const records = ring.frames.filter(({ n }) => n !== undefined);
  const needed = { from: records[0]!.from, to: records.at(-1)!.to };
  if (needed.to < needed.from) throw new Error("what is needed passes the end of the lane");
  let told = 0;
  let found = 0;
  const wrong: string[] = [];
  for (let seed = from; seed < to; seed++) {
    const random = new Random(seed);
    const mutation = new Mutation(damaged, random, needed);
    const harms = random.between(1, 4);
    for (let i = 0; i < harms; i++) mutation.add();
    const isReadable = mutation.size >= dictionaryEnd && damaged.isIntact(DICTIONARY_OFFSET, dictionaryEnd);
    const due = isReadable
      ? records.filter((one) => one.to <= mutation.size && damaged.isIntact(one.from, one.to))
      : [];
    const begunAt = performance.now();
    let result: Extracted;
    try {
      result = damaged.extract(mutation.size);
    } catch (error) {
      wrong.push(`mutation ${seed} throws ${error instanceof Error ? error.stack : error}`);
      continue;
    }
    const { text, extraction } = result;
    const tookMs = performance.now() - begunAt;
    if (tookMs > SLOWEST_MS) wrong.push(`mutation ${seed}: ${tookMs} ms`);
    const lines = new Set(text.split("\n"));
    const missing = due.filter(({ line }) => !lines.has(line.slice(0, -1)));
    if (missing.length > 0) wrong.push(`mutation ${seed}: ${missing.length} of ${due.length} are missing`);
    if (wrong.length > 9) break;
    found += due.length;
    if (extraction.damage.length > 0 || extraction.damaged.length > 0) told++;
  }
  return { tried: to - from, told, found, wrong };
}
