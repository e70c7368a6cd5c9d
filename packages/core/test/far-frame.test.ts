import { expect, test } from "vitest";
import { crc32c, decodeFar, encodeFar } from "../src/index.ts";

const PATH = new Uint8Array([..."/log/.spillway/1.far"].map((one) => one.charCodeAt(0)));
const FILE = new Uint8Array([1, 2, 3, 200]);

test("far frame: says the path and the checksum of the file, whatever stands in front of it in memory", () => {
  const frame = encodeFar(PATH, FILE);
  const memory = new Uint8Array(frame.length + 7);
  memory.set(frame, 5);
  const found = decodeFar(memory.subarray(5, 5 + frame.length));
  expect(found).toEqual({ path: PATH, fileCheck: crc32c(FILE) });
});

test("far frame: with any one bit flipped, or cut off anywhere, it names no file", () => {
  const frame = encodeFar(PATH, FILE);
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const damaged = frame.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeFar(damaged), `bit ${bit}`).toBeUndefined();
  }
  for (let length = 0; length < frame.length; length++) expect(decodeFar(frame.subarray(0, length))).toBeUndefined();
});
