/** What a damaged ring file gets delivered to: the files it names, each record once, and nothing else. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  COMMIT_SLOTS_OFFSET,
  COMMIT_SLOTS_STRIDE,
  COMMITTED,
  CONSUMER_COPIED_CHECK,
  CONSUMERS,
  FRAMES_OFFSET,
  LANE_PID,
  LANE_VERSION,
} from "@spillway/ring";
import { encodeOwner, findOwnerPage } from "@spillway/spill";
import { TempFolder } from "@spillway/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { replayByHand } from "../../src/recover.ts";
import type { ReplayReport } from "../../src/replay.ts";
import { CAPACITY, type DeadRing, layOut, makeDeadRing } from "./dead-ring.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 3_600_000 : 300_000 });
const OWNER = FRAMES_OFFSET + CAPACITY;

let folder: TempFolder;
let ring: DeadRing;

beforeAll(() => {
  folder = new TempFolder();
  ring = makeDeadRing(folder.path);
});

afterAll(() => {
  folder[Symbol.dispose]();
});

interface Delivery {
  readonly report: ReplayReport;
  /** Numbers of the records in each log. */
  readonly numbers: readonly (readonly number[])[];
  readonly left: readonly string[];
}

/** Replays the file with this done to it. */
function deliver(harm: (bytes: Buffer) => Buffer | undefined): Delivery {
  const copy = Buffer.from(ring.bytes);
  const bytes = harm(copy) ?? copy;
  const group = layOut(folder.path, ring, bytes);
  const report = replayByHand(
    group,
    (sink) => sink,
    () => undefined,
  );
  const numbers = ["a.log", "b.log"].map((name) =>
    [
      ...readFileSync(folder.file(name), "utf8").matchAll(
        /^\{"level":30,"time":\d+,"host":"here","n":(\d+),"msg":"[^"]*"\}$/gm,
      ),
    ].map(([, n]) => Number(n)),
  );
  return { report, numbers, left: readdirSync(folder.file(".spillway")) };
}

function flip(bytes: Buffer, bit: number): Buffer {
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes;
}

const ALL = Array.from({ length: 1000 }, (_, n) => n);

test("replay: an undamaged file is delivered once, and is gone", () => {
  const { report, numbers, left } = deliver(() => undefined);
  expect(numbers).toEqual([ALL, ALL]);
  expect(report).toMatchObject({ isComplete: true, damage: [], damaged: [], refused: [] });
  expect(left).toEqual([]);
});

test("replay: no flipped bit of a cursor or a commit slot makes anything come twice, or not at all", () => {
  const parts: [number, number][] = [
    [0, (LANE_PID + 1) * 4],
    [COMMITTED * 4, COMMITTED * 4 + 20],
    [CONSUMERS * 4, CONSUMERS * 4 + 16],
    [CONSUMERS * 4 + 16, (CONSUMERS + CONSUMER_COPIED_CHECK + 1) * 4],
    ...[0, 64, COMMIT_SLOTS_STRIDE, COMMIT_SLOTS_STRIDE + 64].map((at): [number, number] => [
      COMMIT_SLOTS_OFFSET + at,
      COMMIT_SLOTS_OFFSET + at + 52,
    ]),
  ];
  const wrong: string[] = [];
  let flips = 0;
  for (const [from, to] of parts) {
    for (let bit = from * 8; bit < to * 8; bit++) {
      // Plainly: the cursors, and one bit in eleven of the rest.
      if (!isLong && to - from > 20 && bit % 11 !== 0) continue;
      flips++;
      const { numbers, report } = deliver((bytes) => flip(bytes, bit));
      if (!report.isComplete) wrong.push(`byte ${bit >> 3} bit ${bit & 7}: not complete`);
      for (const [log, found] of numbers.entries())
        if (found.join() !== ALL.join()) wrong.push(`byte ${bit >> 3} bit ${bit & 7}: ${found.length} in log ${log}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(flips).toBeGreaterThan(300);
});

test("replay: a sink whose commit slot and its copy are both damaged gets all that is in the ring, and the report says so", () => {
  const { numbers, report } = deliver((bytes) => {
    bytes[COMMIT_SLOTS_OFFSET + COMMIT_SLOTS_STRIDE + 9]! ^= 1;
    bytes[COMMIT_SLOTS_OFFSET + COMMIT_SLOTS_STRIDE + 64 + 9]! ^= 1;
    return bytes;
  });
  expect(numbers[0]).toEqual(ALL);
  expect([...new Set(numbers[1])].sort((a, b) => a - b)).toEqual(ALL);
  expect(report.damage).toMatchObject([{ what: "commit slot 1 and its copy: the sink gets all that is in the ring" }]);
});

test("replay: what is damaged in part is delivered as far as it can be, and the file is kept aside", () => {
  const hit = ring.frames[50]!;
  const { numbers, report, left } = deliver((bytes) => {
    bytes[hit.from]! ^= 1;
    return bytes;
  });
  expect(numbers[0]).toEqual(ALL.filter((n) => n !== hit.n));
  expect(report).toMatchObject({ isComplete: true, unreadable: 1 });
  expect(report.damage).toMatchObject([{ from: hit.from, missing: 1 }]);
  expect(report.damage[0]!.path).toMatch(/\.ring$/);
  expect(left).toHaveLength(1);
  expect(left[0]).toMatch(/\.ring\.bad\.\d+$/);
});

test("replay: no flipped bit of the owner page sends a record anywhere", () => {
  const other = folder.file("other");
  mkdirSync(other);
  const before = ring.logs.map((log) => log.toString("latin1"));
  const length = ring.bytes.readInt32LE(OWNER + 8);
  for (let bit = OWNER * 8; bit < (OWNER + 16 + length) * 8; bit += isLong ? 1 : 29) {
    const { report, left } = deliver((bytes) => flip(bytes, bit));
    expect(report).toMatchObject({ recovered: 0, isComplete: false, damaged: [] });
    expect(report.refused[0]!.reason).toContain("its owner page is damaged");
    expect(["a.log", "b.log"].map((name) => readFileSync(folder.file(name), "latin1"))).toEqual(before);
    expect(left[0]).toMatch(/\.ring$/);
  }
  expect(readdirSync(folder.path).sort()).toEqual([".spillway", "a.log", "b.log", "other"]);
});

test("replay: a log that ends in the middle of somebody's line tears no record's", () => {
  const torn = '{"level":30,"recovered":5,"ms';
  const group = layOut(folder.path, ring, Buffer.from(ring.bytes));
  // Its slot says that its last write was whole: this is what came behind, of a summary whose writer was killed.
  appendFileSync(folder.file("b.log"), torn);
  const report = replayByHand(
    group,
    (sink) => sink,
    () => undefined,
  );
  expect(report.isComplete).toBe(true);
  const lines = readFileSync(folder.file("b.log"), "utf8").split("\n");
  expect(lines).toContain(torn);
  const numbers = lines.flatMap((line) => /^\{"level":30,"time":\d+,"host":"here","n":(\d+)/.exec(line)?.[1] ?? []);
  expect(numbers.map(Number)).toEqual(ALL);
});

test.each(["", "\n"])(
  "replay: a line cut in front of another's (%j between) is written anew, and no piece of it tears a line",
  (between) => {
    const group = layOut(folder.path, ring, Buffer.from(ring.bytes));
    const theirs = '{"producer":"theirs"}';
    // Killed in the middle of its last write; then somebody else appended.
    const text = readFileSync(folder.file("a.log"), "utf8");
    expect(text.endsWith("\n")).toBe(false);
    appendFileSync(folder.file("a.log"), `${between}${theirs}\n`);
    const report = replayByHand(
      group,
      (sink) => sink,
      () => undefined,
    );
    expect(report.isComplete).toBe(true);
    const lines = readFileSync(folder.file("a.log"), "utf8").split("\n").slice(0, -1);
    const records = lines.map((line) => JSON.parse(line) as { n?: number; producer?: string });
    expect(records.flatMap(({ n }) => n ?? [])).toEqual(ALL);
    expect(records.filter(({ producer }) => producer === "theirs")).toHaveLength(1);
  },
);

test("replay: a page of another ring, whole in itself, sends nothing anywhere", () => {
  const stranger = folder.file("stranger.log");
  const before = ring.logs.map((log) => log.toString("latin1"));
  const { report } = deliver((bytes) => {
    const { owner } = findOwnerPage(bytes);
    const page = encodeOwner({ ...owner!, epoch: 77, sinks: [{ name: "a", spec: { type: "file", path: stranger } }] });
    return Buffer.concat([bytes.subarray(0, OWNER), page]);
  });
  expect(report).toMatchObject({ recovered: 0, isComplete: false });
  expect(report.refused[0]!.reason).toContain("its owner page is damaged");
  expect(existsSync(stranger)).toBe(false);
  expect(["a.log", "b.log"].map((name) => readFileSync(folder.file(name), "latin1"))).toEqual(before);
});

test("replay: a record that looks like an owner page is none, should the real one be lost", () => {
  const stranger = folder.file("stranger.log");
  const { report } = deliver((bytes) => {
    const { owner } = findOwnerPage(bytes);
    const page = encodeOwner({ ...owner!, sinks: [{ name: "a", spec: { type: "file", path: stranger } }] });
    page.copy(bytes, OWNER - 4096);
    return bytes.subarray(0, OWNER);
  });
  expect(report.refused[0]!.reason).toContain("its owner page is damaged");
  expect(existsSync(stranger)).toBe(false);
});

test("replay: a file in which nothing can be found is set aside", () => {
  const { report, left } = deliver((bytes) => bytes.fill(0xa5));
  expect(report).toMatchObject({ recovered: 0, isComplete: false, refused: [] });
  expect(report.damaged).toHaveLength(1);
  expect(existsSync(report.damaged[0]!)).toBe(true);
  expect(left[0]).toMatch(/\.ring\.bad\.\d+$/);
});

test("replay: a file of a later version is left alone, as it is", () => {
  let later: Buffer | undefined;
  const { report, left } = deliver((bytes) => {
    bytes.writeInt32LE(2, LANE_VERSION * 4);
    bytes.writeInt32LE(2, OWNER + 4);
    later = Buffer.from(bytes);
    return bytes;
  });
  expect(report).toMatchObject({ recovered: 0, damaged: [], refused: [{ reason: "it is of a later version" }] });
  expect(readFileSync(join(folder.file(".spillway"), left[0]!)).equals(later!)).toBe(true);
});
