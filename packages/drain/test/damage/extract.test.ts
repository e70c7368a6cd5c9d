/** What comes out of a damaged ring file: all that is whole, the place of what is not, and always an end. */
import { FRAME_HEADER_BYTES } from "@spillway/core";
import {
  COMMIT_SLOTS_OFFSET,
  COMMIT_SLOTS_STRIDE,
  COMMITTED,
  CONSUMER_COPIED,
  CONSUMERS,
  DICTIONARY_ENTRIES,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  FRAMES_OFFSET,
  LANE_PID,
  SEQ,
} from "@spillway/ring";
import { Random, TempFolder } from "@spillway/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DamagedRing } from "./damaged-ring.ts";
import { CAPACITY, type DeadRing, type Extracted, makeDeadRing } from "./dead-ring.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 7_200_000 : 600_000 });
const PAGE = 4096;
const OWNER = FRAMES_OFFSET + CAPACITY;

let ring: DeadRing;
let damaged: DamagedRing;

beforeAll(() => {
  using folder = new TempFolder();
  ring = makeDeadRing(folder.path);
  damaged = new DamagedRing(ring);
});

afterAll(() => {
  damaged[Symbol.dispose]();
});

function isLocated({ extraction }: Extracted, byte: number): boolean {
  return extraction.damage.some(({ from, to }) => byte >= from && byte < to);
}

test("recovery: an undamaged file is undamaged, and all its records come in order", () => {
  const { text, extraction } = damaged.extract();
  expect(extraction.damage).toEqual([]);
  const numbers = [...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n));
  expect(numbers).toEqual(Array.from({ length: 300 }, (_, i) => 700 + i));
});

test("recovery: one flipped bit of a frame costs that record alone; of its header, it is told with its place", () => {
  const wrong: string[] = [];
  let before = 0;
  let flips = 0;
  ring.frames.forEach((frame, index) => {
    const { line, from, to } = frame;
    const prefix = ring.text.slice(0, before);
    const suffix = ring.text.slice(before + line.length);
    before += line.length;
    // Plainly: every frame's header in turn of seven, and of payloads one bit in a thousand.
    for (let bit = from * 8; bit < to * 8; bit++) {
      const isHeader = bit < (from + FRAME_HEADER_BYTES) * 8;
      if (!isLong && (isHeader ? (index + bit) % 37 !== 0 : bit % 997 !== 0)) continue;
      flips++;
      const result = damaged.flipped(bit);
      const { text } = result;
      const isAround =
        text.startsWith(prefix) && text.endsWith(suffix) && text.length >= ring.text.length - line.length;
      if (!isAround) wrong.push(`frame ${index} bit ${bit - from * 8}: others changed`);
      if (isHeader && !isLocated(result, bit >> 3)) wrong.push(`frame ${index} bit ${bit - from * 8}: not told`);
      if (isHeader && !text.slice(prefix.length, text.length - suffix.length).includes('"missing":1'))
        wrong.push(`frame ${index} bit ${bit - from * 8}: no line in its place`);
    }
  });
  expect(wrong).toEqual([]);
  expect(flips).toBeGreaterThan(500);
});

test("recovery: one flipped bit of a frame that was delivered changes nothing", () => {
  const needed = new Set(ring.frames.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)));
  for (let bit = FRAMES_OFFSET * 8; bit < OWNER * 8; bit += isLong ? 1 : 2311) {
    if (needed.has(bit >> 3)) continue;
    const { text } = damaged.flipped(bit);
    if (text !== ring.text) expect.fail(`bit ${bit}`);
  }
});

test("recovery: one flipped bit of a lane's head changes nothing, and is told with its place", () => {
  const used = (name: string, from: number, bytes: number): [string, number, number] => [name, from, from + bytes];
  const meaningful = [
    used("identity", 0, (LANE_PID + 1) * 4),
    used("producer", COMMITTED * 4, 8),
    // DRAINED, in front of these, recovery does not need.
    used("consumer", CONSUMERS * 4 + 4, 12),
    used("copied", (CONSUMERS + CONSUMER_COPIED) * 4, 24),
    ...[0, 64, COMMIT_SLOTS_STRIDE, COMMIT_SLOTS_STRIDE + 64].map((at) => used("slot", COMMIT_SLOTS_OFFSET + at, 52)),
  ];
  const wrong: string[] = [];
  const last = ring.frames.at(-1)!.from - FRAMES_OFFSET;
  for (let bit = 0; bit < DICTIONARY_OFFSET * 8; bit++) {
    const part = meaningful.find(([, from, to]) => bit >> 3 >= from && bit >> 3 < to);
    if (part === undefined && !isLong && bit % 101 !== 0) continue;
    const result = damaged.flipped(bit);
    // Its process could have died just before it was raised.
    const isBeforeLast =
      ((ring.bytes.readInt32LE(COMMITTED * 4) ^ (1 << (bit - COMMITTED * 32))) & (CAPACITY - 1)) === last;
    if (bit >> 5 === COMMITTED && isBeforeLast) continue;
    if (result.text !== ring.text) wrong.push(`byte ${bit >> 3} bit ${bit & 7}: changes what comes out`);
    if (part !== undefined && !isLocated(result, bit >> 3)) wrong.push(`${part[0]} byte ${bit >> 3} bit ${bit & 7}`);
  }
  expect(wrong).toEqual([]);
});

test("recovery: one flipped bit of the dictionary makes records unreadable, never wrong, and is told with its place", () => {
  const end = DICTIONARY_OFFSET + ring.bytes.readInt32LE(DICTIONARY_USED * 4);
  const lines = new Set(ring.text.split("\n"));
  const wrong: string[] = [];
  for (let bit = DICTIONARY_OFFSET * 8; bit < end * 8; bit++) {
    const result = damaged.flipped(bit);
    const isTold = isLocated(result, bit >> 3);
    if (result.text === ring.text) {
      // A pad.
      if (isTold) wrong.push(`bit ${bit} told for nothing`);
      continue;
    }
    if (!isTold) wrong.push(`bit ${bit} not told`);
    const others = result.text.split("\n").filter((line) => !lines.has(line));
    if (others.length !== 300 || !others.every((line) => /dictionary entry \d is damaged/.test(line)))
      wrong.push(`bit ${bit} changes records`);
  }
  expect(wrong).toEqual([]);
  for (const word of [DICTIONARY_USED, DICTIONARY_ENTRIES]) {
    for (let bit = word * 32; bit < word * 32 + 32; bit++) {
      const result = damaged.flipped(bit);
      expect(result.text).toBe(ring.text);
      expect(isLocated(result, bit >> 3)).toBe(true);
    }
  }
});

test("recovery: one flipped bit of the owner page leaves no owner, and every record", () => {
  const length = ring.bytes.readInt32LE(OWNER + 8);
  for (let bit = OWNER * 8; bit < (OWNER + 16 + length) * 8; bit += isLong ? 1 : 3) {
    const { text, extraction } = damaged.flipped(bit);
    // Without it nobody knows how many sinks there are: all that is in the ring comes.
    if (text !== ring.text) expect.fail(`bit ${bit - OWNER * 8}`);
    expect(extraction.sinks).toEqual([]);
    expect(extraction.damaged).toEqual([]);
    expect(extraction.damage).toMatchObject([{ from: OWNER }]);
  }
});

test("recovery: a file that is cut off anywhere gives every record whose frame is in it", () => {
  const step = isLong ? 1 : 509;
  for (let size = ring.bytes.length - PAGE + 600; size >= 0; size -= size > FRAMES_OFFSET - 8192 ? step : step * 64) {
    const { text } = damaged.extract(size);
    for (const { line, to } of ring.frames) {
      if (to <= size && !text.includes(line)) expect.fail(`cut to ${size}: ${line} is missing`);
      if (line !== "" && to > size + 16 && text.includes(line)) expect.fail(`cut to ${size}: ${line} is from nowhere`);
    }
  }
});

test("recovery: of a file with pages of two moments every record is found that is whole and that its head knows of", () => {
  using folder = new TempFolder();
  const older = makeDeadRing(folder.path, 180);
  const random = new Random(99);
  const { bytes } = damaged;
  for (let run = 0; run < (isLong ? 20_000 : 300); run++) {
    for (let at = 0; at < OWNER; at += at === PAGE ? FRAMES_OFFSET - PAGE : PAGE)
      if (random.chance(1 / 3)) older.bytes.copy(bytes, at, at, at + PAGE);
    const isOldHead = bytes.readInt32LE(SEQ * 4) === older.bytes.readInt32LE(SEQ * 4);
    const expected = isOldHead ? older : ring;
    const due = expected.frames.filter(({ from, to }) => bytes.compare(expected.bytes, from, to, from, to) === 0);
    const { text } = damaged.extract();
    for (const { line } of due) if (!text.includes(line)) expect.fail(`run ${run}: ${line} is missing`);
  }
});
