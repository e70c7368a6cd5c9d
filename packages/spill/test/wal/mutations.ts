/** Damage of every kind, one to four at a time, and what must hold after it in every mode. */
import { crc32c, DamagedWalError } from "@spillway/core";
import { readWal, type WalMode } from "../../src/index.ts";
import { type Image, MemoryFiles, type Random } from "./wal-under-test.ts";

const MODES: readonly WalMode[] = ["tolerate-tail", "point-in-time", "skip-corrupt", "absolute"];
const LENGTHS = [-1, -16, 0, 0x7fff_ffff, 0x7fff_fff0, -0x8000_0000, 2 ** 20, 16, 15];
const SLOWEST_MS = 1000;

type Change = (bytes: Buffer, random: Random, image: Image) => Buffer;

/** Flips, runs, cuts, stretches moved or copied, lengths that lie, headers with right checksums and wrong fields. */
const CHANGES: readonly Change[] = [
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return bytes.fill(random.pick([0, 0xff, 0x20]), at, Math.min(bytes.length, at + 1 + random.below(600)));
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => Buffer.concat([bytes, Buffer.alloc(random.below(2000), random.pick([0, 0xff]))]),
  (bytes, random) => {
    const from = random.below(bytes.length + 1) & -16;
    const size = (1 + random.below(10)) * 16;
    const at = random.below(bytes.length + 1) & -16;
    const part = Buffer.from(bytes.subarray(from, from + size));
    return random.below(2) === 0
      ? Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)])
      : Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + size)]);
  },
  (bytes, random) => {
    const at = 1024 + (random.below(bytes.length + 1) & -16);
    if (at + 4 <= bytes.length) bytes.writeInt32LE(random.pick(LENGTHS), at);
    return bytes;
  },
  (bytes, random) => {
    // A field of a header or slot, under a checksum that is right.
    const copy = random.below(2) * 512;
    if (bytes.length < copy + 512) return bytes;
    const at = copy + random.pick([8, 12, 16, 32, 40, 48, 56]);
    if (at - copy < 32) bytes.writeInt32LE(random.below(3), at);
    else bytes.writeDoubleLE(random.pick([0, 1, 5, 12, 2 ** 32 + 3, Number.NaN, -1, 0.5, 2 ** 40]), at);
    bytes.writeUInt32LE(crc32c(bytes, copy, copy + 508), copy + 508);
    return bytes;
  },
  (bytes, random, image) => Buffer.from(random.pick([...image.files.values(), bytes])),
  () => Buffer.alloc(0),
];

/** A damaged copy of the image. */
export function damage(image: Image, random: Random): Map<string, Buffer> {
  const files = new Map(image.files);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const name = random.pick([...image.files.keys()]);
    const bytes = files.get(name);
    if (random.below(50) === 0) files.delete(name);
    else if (bytes !== undefined) files.set(name, random.pick(CHANGES)(Buffer.from(bytes), random, image));
  }
  return files;
}

interface Mutation {
  readonly log: string;
  readonly image: Image;
  readonly random: Random;
  /** What may come out. Numbers of frames may be others: a header with a right checksum says what they are. */
  readonly payloads: readonly string[];
}

export function mutate({ log, image, payloads, random }: Mutation): void {
  const files = new MemoryFiles(damage(image, random)).operations;
  const mode = random.pick(MODES);
  const begunAt = performance.now();
  let last = 0;
  try {
    for (const { seq, payload } of readWal(log, { mode, files })) {
      if (seq <= last) throw new Error(`${seq} came after ${last}`);
      if (!payloads.includes(payload.toString("latin1"))) throw new Error(`${seq} was never written`);
      last = seq;
    }
  } catch (error) {
    if (!(error instanceof DamagedWalError)) throw error;
  }
  const tookMs = performance.now() - begunAt;
  if (tookMs > SLOWEST_MS) throw new Error(`took ${tookMs} ms`);
}
