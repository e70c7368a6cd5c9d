/** A reader of lanes in Python, written from docs/formats/ring.md alone, finds the frames that the consumer finds. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { FRAME_HEADER_BYTES, FRAME_RECORD, frameTag } from "@spillway/core";
import { Consumer, FRAMES_OFFSET, FULL, laneOffset, makeMemory, Producer } from "@spillway/ring";
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
  readonly tag?: number;
  readonly seq?: number;
  readonly payload?: string;
}

interface Said {
  readonly frames: readonly string[];
  /** Where the reader stopped; undefined: at COMMITTED. */
  readonly damagedAt: number | undefined;
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
  const said: { frames: string[]; damagedAt: number | undefined }[] = [];
  for (const line of stdout.split("\n").slice(0, -1)) {
    const item = JSON.parse(line) as Item;
    if (item.kind === "lane") said.push({ frames: [], damagedAt: undefined });
    const last = said.at(-1)!;
    if (item.kind === "frame") last.frames.push(`${item.tag! | 0} ${item.payload}`);
    if (item.kind === "damage") last.damagedAt = item.position;
  }
  return said;
}

function ours(file: Buffer): Said {
  const memory = memoryFrom(file);
  const bytes = Buffer.from(memory);
  const consumer = new Consumer(memory, 0);
  const frames: string[] = [];
  try {
    consumer.drain((tag, offset, length) => {
      frames.push(`${tag} ${bytes.toString("hex", offset, offset + length)}`);
      return true;
    }, Number.POSITIVE_INFINITY);
    return { frames, damagedAt: undefined };
  } catch (error) {
    return { frames, damagedAt: (error as { position: number }).position };
  }
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
      const acked = file.readUInt32LE(1028) % CAPACITY;
      const header = FRAMES_OFFSET + acked;
      worse[header + ((i * 5) % FRAME_HEADER_BYTES)]! ^= 1 << (i % 8);
      return [file, worse];
    });
    const said = theirs(files);
    expect(said.length).toBe(files.length);
    for (const [i, file] of files.entries()) {
      expect(said[i]).toEqual(ours(file));
      frames += said[i]!.frames.length;
      if (said[i]!.damagedAt !== undefined) damaged++;
    }
  }
  expect(frames).toBeGreaterThan(EACH * 10);
  expect(damaged).toBe(EACH);
});

test("second reader: reads the golden lane", (ctx) => {
  if (!hasPython) ctx.skip("there is no python3 here");
  const file = gunzipSync(readFileSync(path.join(import.meta.dirname, "../golden/lane-v1.ring.gz")));
  expect(file.length).toBeGreaterThan(laneOffset(0, CAPACITY));
  const [said] = theirs([file]);
  expect(said).toEqual(ours(file));
  expect(said!.frames.length).toBeGreaterThan(5);
});
