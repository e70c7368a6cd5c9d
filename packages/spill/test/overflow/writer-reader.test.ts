import { existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { RecordTooLargeError } from "@spillway/core";
import { expect, test } from "vitest";
import { drainAll, payloadOf, recover, StreamUnderTest, TAG } from "./stream-under-test.ts";

const KIB = 1024;

test("overflow: nothing is made before the first frame", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer();
  const reader = stream.reader();
  expect({ isEmpty: writer.isEmpty, bytes: writer.bytes, more: reader.hasMore }).toEqual({
    isEmpty: true,
    bytes: 0,
    more: false,
  });
  expect(readdirSync(stream.folder.path)).toEqual([]);
});

test("overflow: frames come out as they went in, of every length around a multiple of 16", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer();
  const reader = stream.reader();
  for (let length = 0; length < 70; length++)
    expect(writer.append(TAG + length, length, payloadOf(length, length))).toBe("ok");
  const { frames, skipped } = drainAll(reader);
  expect(skipped).toEqual([]);
  expect(frames).toEqual(
    Array.from({ length: 70 }, (_, length) => ({ tag: TAG + length, seq: length, payload: payloadOf(length, length) })),
  );
  expect(reader.drainedTo).toBe(writer.writtenTo);
});

test("overflow: a payload may be part of other bytes", () => {
  using stream = new StreamUnderTest();
  stream.writer().append(TAG, 1, Buffer.from("abcdef"), 2, 3);
  expect(drainAll(stream.reader()).frames[0]!.payload.toString()).toBe("cde");
});

test("overflow: payloads stand on multiples of 8 in the reader's memory, also in front of and behind a large frame", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer();
  const lengths = [5, 700 * KIB, 3, 300 * KIB, 1];
  for (const [seq, length] of lengths.entries()) writer.append(TAG, seq, payloadOf(seq, length));
  const reader = stream.reader();
  const seen: number[] = [];
  reader.drain(
    (_tag, offset, length, seq) => {
      expect((reader.memory.byteOffset + offset) % 8).toBe(0);
      expect(reader.memory.subarray(offset, offset + length).equals(payloadOf(seq, length))).toBe(true);
      seen.push(length);
      return true;
    },
    () => expect.unreachable(),
  );
  expect(seen).toEqual(lengths);
});

test("overflow: a handler that answers false has the frame again in the next drain", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer();
  for (let seq = 0; seq < 3; seq++) writer.append(TAG, seq, payloadOf(seq, 10));
  const reader = stream.reader();
  const seen: number[] = [];
  const drained = reader.drain(
    (_tag, _offset, _length, seq) => seq < 1 && seen.push(seq) > 0,
    () => undefined,
  );
  expect({ drained, seen }).toEqual({ drained: 1, seen: [0] });
  expect(drainAll(reader).frames.map(({ seq }) => seq)).toEqual([1, 2]);
});

test("overflow: what was drained and not acked is drained again by whoever comes next", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer({ segmentBytes: 8 * KIB });
  for (let seq = 0; seq < 50; seq++) writer.append(TAG, seq, payloadOf(seq, 300));
  const reader = stream.reader();
  const drained = reader.drain(
    () => true,
    () => undefined,
    20_000,
  );
  expect(drained).toBeGreaterThan(20);
  const ackedTo = reader.drainedTo;
  reader.ack(ackedTo);
  drainAll(reader);
  reader.close();
  const next = stream.reader();
  expect(next.ackedTo).toBe(ackedTo);
  expect(drainAll(next).frames[0]!.seq).toBe(drained);
  expect(recover(stream.paths()).out[0]!.seq).toBe(drained);
});

test("overflow: rewind goes back to any frame that is not acked, across segments", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer({ segmentBytes: 8 * KIB });
  const positions: number[] = [];
  for (let seq = 0; seq < 50; seq++) writer.append(TAG, seq, payloadOf(seq, 300));
  const reader = stream.reader();
  reader.drain(
    (_tag, _offset, _length, _seq, position) => positions.push(position) > 0,
    () => undefined,
  );
  for (const index of [49, 30, 13, 0]) {
    reader.rewind(positions[index]!);
    expect(drainAll(reader).frames.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 50 - index }, (_, i) => i + index),
    );
  }
});

test("overflow: segments are removed once they are acked, all but the one that is written", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer({ segmentBytes: 8 * KIB });
  const reader = stream.reader();
  let most = 0;
  for (let seq = 0; seq < 2000; seq++) {
    expect(writer.append(TAG, seq, payloadOf(seq, 300))).toBe("ok");
    if (seq % 20 === 19) {
      expect(drainAll(reader).frames.length).toBe(20);
      reader.ack(reader.drainedTo);
      expect(writer.isEmpty).toBe(true);
      most = Math.max(most, stream.paths().length);
    }
  }
  expect(most).toBe(1);
  expect(writer.bytes).toBeLessThanOrEqual(8 * KIB);
  expect(reader.finish()).toBe(true);
  expect(stream.paths()).toEqual([]);
});

test("overflow: finish removes nothing that is not acked", () => {
  using stream = new StreamUnderTest();
  stream.writer().append(TAG, 0, payloadOf(0, 10));
  const reader = stream.reader();
  expect(reader.finish()).toBe(false);
  expect(stream.paths().length).toBe(1);
});

test("overflow: answers full at the cap, never more bytes than that are on the disk, and goes on when acked", () => {
  using stream = new StreamUnderTest();
  const cap = 64 * KIB;
  const writer = stream.writer({ segmentBytes: 16 * KIB, cap });
  const reader = stream.reader();
  let seq = 0;
  let taken = 0;
  for (let round = 0; round < 20; round++) {
    while (writer.append(TAG, seq, payloadOf(seq, 1000)) === "ok") seq++;
    const onDisk = stream.paths().reduce((sum, path) => sum + statSync(path).size, 0);
    expect(onDisk).toBe(writer.bytes);
    expect(onDisk).toBeLessThanOrEqual(cap);
    expect(onDisk).toBeGreaterThan(cap - 24 * KIB);
    const { frames } = drainAll(reader);
    expect(frames.map((frame) => frame.seq)).toEqual(Array.from({ length: frames.length }, (_, i) => taken + i));
    taken += frames.length;
    reader.ack(reader.drainedTo);
  }
  expect(taken).toBeGreaterThan(500);
});

test("overflow: a cap smaller than a segment is not full for ever", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer({ segmentBytes: 64 * KIB, cap: 10 * KIB });
  const reader = stream.reader();
  let taken = 0;
  for (let seq = 0; seq < 200; seq++) {
    const answer = writer.append(TAG, seq, payloadOf(seq, 1000));
    if (answer === "ok") continue;
    expect(answer).toBe("full");
    taken += drainAll(reader).frames.length;
    reader.ack(reader.drainedTo);
  }
  expect(taken).toBeGreaterThan(100);
});

test("overflow: a frame larger than a segment gets one of its own; one larger than the cap is a mistake", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer({ segmentBytes: 8 * KIB, cap: 256 * KIB });
  const lengths = [100, 100 * KIB, 100];
  for (const [seq, length] of lengths.entries()) expect(writer.append(TAG, seq, payloadOf(seq, length))).toBe("ok");
  expect(() => writer.append(TAG, 9, payloadOf(9, 256 * KIB))).toThrow(RecordTooLargeError);
  expect(drainAll(stream.reader()).frames.map(({ payload }) => payload.length)).toEqual(lengths);
  expect(stream.paths().length).toBe(3);
});

test("overflow: numbers of frames wrap, and positions pass 2^36 without the words noticing", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer();
  for (const seq of [0x7fff_ffff, -0x8000_0000, -1, 0, 0xffff_ffff]) writer.append(TAG, seq, payloadOf(seq, 20));
  expect(drainAll(stream.reader()).frames.map(({ seq }) => seq >>> 0)).toEqual([
    0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0, 0xffff_ffff,
  ]);
});

test("overflow: a thread that takes over the lane goes on behind its predecessor, in a segment of its own", () => {
  using stream = new StreamUnderTest();
  const reader = stream.reader();
  const first = stream.writer();
  for (let seq = 0; seq < 5; seq++) first.append(TAG, seq, payloadOf(seq, 40));
  expect(drainAll(reader).frames.length).toBe(5);
  const before = new Int32Array(stream.words);
  first.append(TAG, 99, payloadOf(99, 400));
  // The predecessor ended after the frame was written and before the word said so: nobody was told that it is in.
  stream.words.set(before);
  const second = stream.writer();
  for (let seq = 5; seq < 10; seq++) expect(second.append(TAG, seq, payloadOf(seq, 40))).toBe("ok");
  expect(drainAll(reader)).toMatchObject({ skipped: [], frames: [5, 6, 7, 8, 9].map((seq) => ({ seq })) });
  expect(recover(stream.paths())).toMatchObject({
    damage: [],
    out: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((seq) => ({ seq })),
  });
});

test("overflow: files are the owner's alone, and what stands in their way is neither followed nor overwritten", () => {
  using stream = new StreamUnderTest();
  const target = stream.folder.file("target");
  writeFileSync(target, "precious");
  const writer = stream.writer({ segmentBytes: 4096 });
  expect(writer.append(TAG, 0, payloadOf(0, 10))).toBe("ok");
  // Planted where the next segments are going to be.
  symlinkSync(target, stream.folder.file(`${stream.stream}.000002.spill`));
  symlinkSync(stream.folder.file("nothing"), stream.folder.file(`${stream.stream}.000003.spill`));
  writeFileSync(stream.folder.file(`${stream.stream}.000004.spill`), "precious too");
  expect(writer.append(TAG, 1, payloadOf(1, 10))).toBe("ok");
  expect(stream.folder.read("target").toString()).toBe("precious");
  expect(stream.folder.read(`${stream.stream}.000004.spill`).toString()).toBe("precious too");
  expect(existsSync(stream.folder.file("nothing"))).toBe(false);
  expect(statSync(stream.folder.file(`${stream.stream}.000005.spill`)).mode & 0o777).toBe(0o600);
  expect(drainAll(stream.reader())).toMatchObject({ skipped: [], frames: [{ seq: 0 }, { seq: 1 }] });
});

test("overflow: after close every append answers so, and what was appended stays", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer();
  writer.append(TAG, 0, payloadOf(0, 10));
  writer.close();
  expect(writer.append(TAG, 1, payloadOf(1, 10))).toBe("closed");
  expect(drainAll(stream.reader()).frames.length).toBe(1);
});

test("overflow: a dead writer's stream is drained, acked and removed without its words", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer({ segmentBytes: 8 * KIB });
  for (let seq = 0; seq < 100; seq++) writer.append(TAG, seq, payloadOf(seq, 300));
  const first = stream.deadReader();
  const drained = first.drain(
    () => true,
    () => undefined,
    10_000,
  );
  first.ack(first.drainedTo);
  first.close();
  const second = stream.deadReader();
  expect(second.finish()).toBe(false);
  const { frames, skipped } = drainAll(second);
  expect(skipped).toEqual([]);
  expect(frames.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 - drained }, (_, i) => i + drained));
  second.ack(second.drainedTo);
  expect(second.finish()).toBe(true);
  expect(stream.paths()).toEqual([]);
});
