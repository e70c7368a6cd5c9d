/** A reader of lanes in Python, written from docs/formats/ring.md alone, finds the frames that the consumer finds. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { FRAME_HEADER_BYTES, FRAME_RECORD, frameTag, MAX_SINKS } from "@spillway/core";
import {
  COMMIT_SLOTS_OFFSET,
  CONSUMER_ACKED,
  CONSUMER_COPIED,
  CONSUMERS,
  CommitSlots,
  Consumer,
  type CopiedMark,
  CopiedWords,
  FRAMES_OFFSET,
  FULL,
  laneOffset,
  makeMemory,
  Producer,
} from "@spillway/ring";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { laneFile, memoryFrom } from "./lane-file.ts";

const READER = path.join(import.meta.dirname, "../../../spill/test/second-reader/ring.py");
const EACH = process.env["SPILLWAY_LONG"] === "1" ? 1000 : 100;
const CAPACITY = 65_536;

interface Item {
  readonly kind: string;
  readonly path?: string;
  readonly position?: number;
  readonly to?: number;
  readonly missing?: number;
  readonly tag?: number;
  readonly seq?: number;
  readonly payload?: string;
  readonly slots?: readonly { sink: number; of: string; turn: number; position: number }[];
  readonly copied?: { position: number; seq: number; used: number; entries: number; epoch: number } | null;
}

interface Said {
  readonly frames: readonly string[];
  /** Stretches without frames: from, to, and how many are missing. */
  readonly gaps: readonly (readonly number[])[];
  /** Commit slots that are whole: sink, turn, position. */
  readonly slots: readonly (readonly number[])[];
  readonly copied: CopiedMark | undefined;
}

const hasPython = spawnSync("python3", ["--version"]).status === 0;

function theirs(files: readonly Buffer[]): Said[] {
  using folder = new TempFolder();
  const paths = files.map((file, i) => {
    writeFileSync(folder.file(`${i}.ring`), file);
    return folder.file(`${i}.ring`);
  });
  const { stdout, stderr } = spawnSync("python3", [READER, ...paths], { encoding: "utf8", maxBuffer: 2 ** 30 });
  expect(stderr).toBe("");
  const said: { frames: string[]; gaps: number[][]; slots: readonly number[][]; copied: CopiedMark | undefined }[] = [];
  for (const line of stdout.split("\n").slice(0, -1)) {
    const item = JSON.parse(line) as Item;
    if (item.kind === "lane") said.push({ frames: [], gaps: [], slots: slotsIn(item), copied: copiedIn(item) });
    const last = said.at(-1)!;
    if (item.kind === "frame") last.frames.push(`${item.tag! | 0} ${item.payload}`);
    if (item.kind === "damage") last.gaps.push([item.position!, item.to!, item.missing!]);
  }
  return said;
}

function slotsIn({ slots = [] }: Item): number[][] {
  return slots.map(({ sink, of, turn, position }) => [sink, of === "ring" ? 0 : 1, turn, position]);
}

function copiedIn({ copied }: Item): CopiedMark | undefined {
  if (copied === undefined || copied === null) return undefined;
  const { position, seq, used, entries, epoch } = copied;
  return { position, seq, dictionaryUsed: used, dictionaryEntries: entries, dictionaryEpoch: epoch };
}

function ours(file: Buffer): Said {
  const memory = memoryFrom(file);
  const bytes = Buffer.from(memory);
  const consumer = new Consumer(memory, 0);
  const frames: string[] = [];
  const gaps: number[][] = [];
  const slots = Array.from({ length: MAX_SINKS }, (_, sink) =>
    [false, true].flatMap((isOverflow) => {
      const commit = new CommitSlots(memory, 0, sink, isOverflow).read();
      return commit === undefined ? [] : [[sink, isOverflow ? 1 : 0, commit.turn, commit.position]];
    }),
  ).flat();
  const onFrame = (tag: number, offset: number, length: number): boolean => {
    frames.push(`${tag} ${bytes.toString("hex", offset, offset + length)}`);
    return true;
  };
  consumer.drain(onFrame, Number.POSITIVE_INFINITY, undefined, ({ from, to, frames }) => gaps.push([from, to, frames]));
  return { frames, gaps, slots, copied: new CopiedWords(memory, 0).read() };
}

/** A lane whose frames have wrapped, positions too in every second one. */
function makeLane(seed: number): Buffer {
  const startPosition = seed % 2 === 0 ? 2 ** 32 - CAPACITY / 2 : 0;
  const memory = makeMemory({ lanes: 1, capacity: CAPACITY, epoch: seed * 7919, pid: 1, startPosition });
  const producer = new Producer(memory, 0);
  const consumer = new Consumer(memory, 0);
  const bytes = new Uint8Array(memory);
  for (let i = 0; i < 80 + (seed % 40); i++) {
    const length = (i * 7919 + seed * 31) % 3000;
    let at = producer.tryClaim(length);
    if (at === FULL) {
      consumer.drain(() => true, 10);
      consumer.ack(consumer.drainedTo);
      at = producer.tryClaim(length);
    }
    bytes.fill(i, at, at + length);
    producer.commit(frameTag(FRAME_RECORD, i % 8, 0), length);
  }
  for (const [sink, isOverflow] of [
    [0, false],
    [seed % 8, true],
  ] as const)
    new CommitSlots(memory, 0, sink, isOverflow).store(seed + 2, consumer.ackedTo, 100, 99, 3, consumer.ackedSeq);
  const copied = { dictionaryUsed: 40, dictionaryEntries: 2, dictionaryEpoch: 1 };
  if (seed % 3 === 0)
    new CopiedWords(memory, 0).store({ position: consumer.ackedTo, seq: consumer.ackedSeq, ...copied });
  return laneFile(memory);
}

test(`second reader: finds in ${EACH} lanes, and where a header is damaged, what the consumer finds`, {
  timeout: 600_000,
}, (ctx) => {
  if (!hasPython) ctx.skip("there is no python3 here");
  let frames = 0;
  let damaged = 0;
  for (let from = 0; from < EACH; from += 20) {
    const files = Array.from({ length: 20 }, (_, i) => makeLane(from + i)).flatMap((file, i) => {
      const worse = Buffer.from(file);
      const acked = file.readUInt32LE((CONSUMERS + CONSUMER_ACKED) * 4) % CAPACITY;
      const header = FRAMES_OFFSET + acked;
      worse[header + ((i * 5) % FRAME_HEADER_BYTES)]! ^= 1 << (i % 8);
      const worst = Buffer.from(worse);
      // Some frames among the others, a slot, and what the drain had copied.
      for (const at of [FRAMES_OFFSET + ((acked + 9000 + i * 1000) % (CAPACITY - 4096)), COMMIT_SLOTS_OFFSET + i])
        worst.fill(0xa5, at, at + (at > FRAMES_OFFSET ? 4000 : 2));
      worst[(CONSUMERS + CONSUMER_COPIED) * 4 + (i % 20)]! ^= 1;
      return [file, worse, worst];
    });
    const said = theirs(files);
    expect(said.length).toBe(files.length);
    for (const [i, file] of files.entries()) {
      expect(said[i]).toEqual(ours(file));
      frames += said[i]!.frames.length;
      if (said[i]!.gaps.length > 0) damaged++;
    }
  }
  expect(frames).toBeGreaterThan(EACH * 10);
  expect(damaged).toBe(2 * EACH);
});

test("second reader: reads the golden lane", (ctx) => {
  if (!hasPython) ctx.skip("there is no python3 here");
  const file = gunzipSync(readFileSync(path.join(import.meta.dirname, "../golden/lane-v1.ring.gz")));
  expect(file.length).toBeGreaterThan(laneOffset(0, CAPACITY));
  const [said] = theirs([file]);
  expect(said).toEqual(ours(file));
  expect(said!.frames.length).toBeGreaterThan(5);
});
