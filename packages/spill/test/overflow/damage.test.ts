import { expect, test } from "vitest";
import { flipBits, someBits, truncateEverywhere } from "./damage-sweep.ts";
import { DamagedSegment, seqsOf } from "./damaged-segment.ts";

const LENGTHS = [0, 1, 11, 12, 13, 40, 100, 28, 300, 5];

test("recover: a segment cut off anywhere gives every frame that is whole, and says where the tail begins", {
  timeout: 120_000,
}, () => {
  using segment = new DamagedSegment(LENGTHS, 2);
  expect(truncateEverywhere(segment, 3)).toBeGreaterThan(1600);
});

test("recover: a flipped bit is found and located, and costs its frame at most", { timeout: 120_000 }, () => {
  using segment = new DamagedSegment(LENGTHS, 2);
  expect(flipBits(segment, someBits(segment.intact.length, 29))).toBeGreaterThan(2500);
});

test("recover: frames that were removed, doubled, swapped, or brought from elsewhere are not taken for frames", () => {
  using segment = new DamagedSegment([100, 100, 100, 100, 100]);
  using other = new DamagedSegment([100, 100, 100, 100, 100]);
  const { intact, pieces } = segment;
  const piece = (i: number, bytes = intact): Buffer => bytes.subarray(pieces[i]!.from, pieces[i]!.to);
  const header = intact.subarray(0, pieces[0]!.from);
  const cases: Record<string, { bytes: Buffer[]; seqs: number[] }> = {
    removed: { bytes: [piece(0), piece(2), piece(3), piece(4)], seqs: [0] },
    doubled: { bytes: [piece(0), piece(1), piece(1), piece(3), piece(4)], seqs: [0, 1, 3, 4] },
    swapped: { bytes: [piece(0), piece(2), piece(1), piece(3), piece(4)], seqs: [0, 3, 4] },
    spliced: { bytes: [piece(0), piece(1, other.intact), piece(2), piece(3), piece(4)], seqs: [0, 2, 3, 4] },
    inserted: { bytes: [piece(0), piece(1), piece(0), piece(2), piece(3), piece(4)], seqs: [0, 1] },
  };
  for (const [what, { bytes, seqs }] of Object.entries(cases)) {
    const read = segment.read(Buffer.concat([header, ...bytes]), "skip-corrupt");
    expect({ what, seqs: seqsOf(read) }).toEqual({ what, seqs });
    expect(read.damage.length).toBeGreaterThan(0);
  }
});

test("recover: a tail of zeros, of ones and of torn sectors costs what stood there and nothing in front of it", () => {
  using segment = new DamagedSegment(Array.from({ length: 40 }, () => 120));
  const { intact, pieces } = segment;
  for (let from = pieces[0]!.from; from < intact.length; from += 97) {
    for (const fill of [0, 0xff]) {
      const bytes = Buffer.from(intact).fill(fill, from);
      const read = segment.read(bytes, "tolerate-tail");
      expect(seqsOf(read)).toEqual(pieces.filter(({ to }) => to <= from).map(({ seq }) => seq));
    }
    const sector = Buffer.from(intact).fill(0, from & ~511, Math.min((from & ~511) + 512, intact.length));
    const read = segment.read(sector, "skip-corrupt");
    const hit = pieces.filter((piece) => piece.to <= (from & ~511) || piece.from >= (from & ~511) + 512);
    expect(seqsOf(read)).toEqual(from >= 4608 ? hit.map(({ seq }) => seq) : expect.any(Array));
  }
});

test("recover: one copy of the identity is enough, without both nothing is read and nothing thrown", () => {
  using segment = new DamagedSegment(LENGTHS, 1);
  const first = Buffer.from(segment.intact).fill(0xee, 0, 1024);
  expect(segment.read(first, "tolerate-tail")).toMatchObject({
    frames: LENGTHS.length,
    damage: [{ what: "header", from: 0, to: 1024 }],
  });
  const both = Buffer.from(first).fill(0xee, 2048, 3072);
  expect(segment.read(both, "skip-corrupt")).toMatchObject({
    frames: 0,
    damage: [{ what: "unreadable", from: 0, to: segment.intact.length }],
  });
});

test("recover: a version from the future is reported, and left alone", () => {
  using segment = new DamagedSegment(LENGTHS);
  const bytes = Buffer.from(segment.intact);
  for (const at of [4, 2052]) bytes.writeUInt32LE(2, at);
  expect(segment.read(bytes, "skip-corrupt")).toMatchObject({ frames: 0, damage: [{ what: "unreadable" }] });
});

test("recover: a damaged ack slot brings frames again and loses none", () => {
  using segment = new DamagedSegment(LENGTHS, 3);
  const ackedTo = (bytes: Buffer): number => segment.read(bytes, "tolerate-tail").ackedTo;
  expect(ackedTo(segment.intact)).toBe(segment.pieces[2]!.to);
  // The third ack stands in the first slot, the second in the second.
  expect(ackedTo(Buffer.from(segment.intact).fill(1, 1024, 1030))).toBe(segment.pieces[1]!.to);
  expect(ackedTo(Buffer.from(segment.intact).fill(1, 3072, 3080))).toBe(segment.pieces[2]!.to);
});

test("recover: lengths that promise gigabytes cost neither memory nor time", () => {
  using segment = new DamagedSegment([40, 40, 40]);
  const { epoch } = { epoch: segment.intact.readInt32LE(8) };
  const before = process.memoryUsage().arrayBuffers;
  for (const length of [0x7fff_ffff, 0x1000_0000, 0x0fff_ffff, -1, -0x8000_0000, 4096, 81]) {
    const bytes = Buffer.from(segment.intact);
    const at = segment.pieces[1]!.from;
    const tag = bytes.readInt32LE(at + 4);
    const seq = bytes.readInt32LE(at + 8);
    bytes.writeInt32LE(length, at);
    bytes.writeInt32LE(seq ^ epoch ^ ((length << 9) | (length >>> 23)) ^ ((tag << 18) | (tag >>> 14)), at + 12);
    const read = segment.read(bytes, "skip-corrupt");
    expect(seqsOf(read)).toEqual([0, 2]);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
});

test("recover: bytes made to look like headers everywhere are searched in a time that grows with the file", () => {
  using segment = new DamagedSegment([8]);
  const epoch = segment.intact.readInt32LE(8);
  const fill = 1024 * 1024;
  const bytes = Buffer.concat([segment.intact, Buffer.alloc(fill)]);
  const from = segment.pieces[0]!.to;
  for (let at = from; at < bytes.length; at += 16) {
    const length = bytes.length - at - 20;
    bytes.writeInt32LE(length, at);
    bytes.writeInt32LE(1, at + 4);
    bytes.writeInt32LE(7, at + 8);
    bytes.writeInt32LE(7 ^ epoch ^ ((length << 9) | (length >>> 23)) ^ ((1 << 18) | 0), at + 12);
  }
  const start = performance.now();
  expect(segment.read(bytes, "skip-corrupt").frames).toBe(1);
  // Checking each of them to the end of the file would take half a minute.
  expect(performance.now() - start).toBeLessThan(2000);
});

test("recover, seeded: the sweep sees a reader that does not look at checksums", () => {
  using segment = new DamagedSegment(LENGTHS);
  // The checksum made right again is what such a reader would take the flipped frame for.
  const bytes = Buffer.from(segment.intact);
  bytes[segment.pieces[5]!.from + 20]! ^= 1;
  const found = segment.read(bytes, "skip-corrupt");
  const blind = {
    ...found,
    out: segment.pieces.map(({ seq, from, to }) => ({
      seq,
      tag: 0x0203,
      position: from,
      path: "",
      payload: bytes.subarray(from + 16, Math.min(to, from + 16 + LENGTHS[seq]!)),
    })),
  };
  expect(() => segment.expectGenuine(found)).not.toThrow();
  expect(() => segment.expectGenuine(blind)).toThrow("never written");
});
