import { expect, test } from "vitest";
import { Target } from "../src/index.ts";

const RING_BYTES = 4096;

function targetAt(start: number, end: number): { target: Target; ring: Buffer } {
  const memory = new SharedArrayBuffer(RING_BYTES);
  const target = new Target(memory);
  target.open(start, end);
  return { target, ring: Buffer.from(memory) };
}

test("target: writes into the ring while there is room, and never behind its claim", () => {
  const { target, ring } = targetAt(1024, 1024 + 40);
  for (let i = 0; i < 10; i++) target.putWord(0x01010101 * i);
  expect(target.isOutside).toBe(false);
  target.putWord(0x0a0a0a0a);
  expect(target.isOutside).toBe(true);
  for (let i = 0; i < 10_000; i++) target.putWord(-1);
  expect(ring.subarray(1064).every((byte) => byte === 0)).toBe(true);
  expect(ring.subarray(0, 1024).every((byte) => byte === 0)).toBe(true);
});

test("target: a record that moves keeps what was written, and marks taken before", () => {
  const { target } = targetAt(0, 16);
  target.putWord(1);
  const mark = target.mark();
  target.putWord(2);
  for (let i = 3; i < 100_000; i++) target.putWord(i);
  expect(target.wordAt(mark)).toBe(2);
  target.setWordAt(mark, 77);
  const words = new Int32Array(target.written().buffer, target.written().byteOffset, target.length / 4);
  expect([words[0], words[1], words[2], words.at(-1)]).toEqual([1, 77, 3, 99_999]);
});

test("target: rewinds to a mark, also when the record has moved in between", () => {
  const { target } = targetAt(512, 520);
  target.putWord(1);
  const mark = target.mark();
  for (let i = 0; i < 50; i++) target.putWord(9);
  target.rewind(mark);
  target.putWord(2);
  expect(target.length).toBe(8);
  expect([target.wordAt(0), target.wordAt(4)]).toEqual([1, 2]);
});

test("target: a record written outside can be copied to its place in the ring", () => {
  const { target, ring } = targetAt(0, 8);
  for (let i = 0; i < 100; i++) target.putWord(i);
  target.copyTo(2048);
  expect(ring.readInt32LE(2048 + 396)).toBe(99);
  expect(ring.subarray(2048, 2448).equals(target.written())).toBe(true);
});

test("target: leaves the ring to somebody else in the middle of a record, and writes there no more", () => {
  const { target, ring } = targetAt(0, 1024);
  target.putWord(1);
  target.leaveRing();
  ring.fill(0xff);
  target.putWord(2);
  expect([target.wordAt(0), target.wordAt(4)]).toEqual([1, 2]);
  expect(ring.every((byte) => byte === 0xff)).toBe(true);
});

test("target: begins in the ring again after a record that moved", () => {
  const { target, ring } = targetAt(0, 8);
  for (let i = 0; i < 10; i++) target.putWord(i);
  target.close();
  target.open(64, 128);
  target.putWord(5);
  expect(target.isOutside).toBe(false);
  expect(ring.readInt32LE(64)).toBe(5);
});

test("target: begins outside when it is told to", () => {
  const { target, ring } = targetAt(0, 1024);
  target.openOutside();
  target.putWord(5);
  expect(target.isOutside).toBe(true);
  expect(ring.every((byte) => byte === 0)).toBe(true);
  expect(target.written().readInt32LE(0)).toBe(5);
});
