/** What of a dead process's overflow is damaged is told with its place and kept; the rest is delivered. */
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FRAME_TEXT, frameTag, type RingGroup } from "@spillway/core";
import { laneBytes, laneOffset, makeMemory } from "@spillway/ring";
import {
  encodeOwner,
  OVERFLOW_HEADER_BYTES,
  OVERFLOW_WORDS,
  OverflowWriter,
  overflowFrameBytes,
  overflowStreamName,
  ringPath,
} from "@spillway/spill";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { extract } from "../../src/extract.ts";
import { replayByHand } from "../../src/recover.ts";
import type { ReplayReport } from "../../src/replay.ts";
import { CAPACITY } from "./dead-ring.ts";

const PID = 4711;
const EPOCH = 0x0b0b_5eed;
const COUNT = 500;
const SEGMENT_BYTES = 16 * 1024;
const line = (n: number): string => `{"n":${n},"msg":"${"x".repeat(n % 50)}"}\n`;

/** A dead process all of whose records are in its overflow: the ring had been drained before it was full again. */
function makeDead(folder: TempFolder): { group: RingGroup; segments: string[]; log: string } {
  const spill = folder.file(".spillway");
  const log = folder.file("a.log");
  mkdirSync(spill);
  const memory = makeMemory({ lanes: 1, capacity: CAPACITY, epoch: EPOCH, pid: PID });
  const owner = encodeOwner({
    identity: { pid: PID, startTime: "1", bootId: "none", pidNamespace: "none" },
    hasLock: true,
    epoch: EPOCH,
    lane: 0,
    capacity: CAPACITY,
    sinks: [{ name: "a", spec: { type: "file", path: log } }],
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  const path = ringPath({ folder: spill, base: "a.log", pid: PID, epoch: EPOCH }, 0);
  writeFileSync(path, Buffer.concat([Buffer.from(memory, laneOffset(0, CAPACITY), laneBytes(CAPACITY)), owner]));
  const stream = overflowStreamName({ base: "a.log", pid: PID, epoch: EPOCH, lane: 0 });
  const words = new Int32Array(new SharedArrayBuffer(OVERFLOW_WORDS * 4));
  const place = { folder: spill, stream, epoch: EPOCH, lane: 0, pid: PID, words };
  const writer = new OverflowWriter({ ...place, cap: 1 << 30, segmentBytes: SEGMENT_BYTES });
  for (let n = 0; n < COUNT; n++)
    expect(writer.append(frameTag(FRAME_TEXT, 0, 0), n, Buffer.from(`........${line(n)}`))).toBe("ok");
  writer.close();
  const segments = readdirSync(spill).filter((name) => name.endsWith(".spill"));
  expect(segments.length).toBeGreaterThan(2);
  const group = { base: "a.log", pid: PID, epoch: EPOCH.toString(16).padStart(8, "0") };
  return {
    group: { ...group, files: [{ fd: openSync(path, "r+"), path }] },
    segments: segments.sort().map((name) => join(spill, name)),
    log,
  };
}

function replayed(group: RingGroup, shares: number[] = []): ReplayReport {
  return replayByHand(
    group,
    (sink) => sink,
    () => undefined,
    (_, share) => shares.push(share),
  );
}

/** Lines in a log that are records, by number. */
function numbersIn(log: string): number[] {
  return [...readFileSync(log, "utf8").matchAll(/^\{"n":(\d+),/gm)].map(([, n]) => Number(n));
}

test("replay: of a dead process that left overflow alone, all comes, its files go, and progress runs from 0 to 1", () => {
  using folder = new TempFolder();
  const { group, log } = makeDead(folder);
  const shares: number[] = [];
  expect(replayed(group, shares)).toMatchObject({ recovered: COUNT, isComplete: true, damage: [], refused: [] });
  expect(numbersIn(log)).toEqual(Array.from({ length: COUNT }, (_, n) => n));
  expect(readdirSync(folder.file(".spillway"))).toEqual([]);
  expect(shares.length).toBeGreaterThan(0);
  for (const share of shares) expect(share > 0 && share <= 1, `${share}`).toBe(true);
});

test("recovery: extracting overflow alone tells a share from 0 to 1", () => {
  using folder = new TempFolder();
  const { group } = makeDead(folder);
  const shares = [...extract(group).lines].map(({ share }) => share);
  expect(shares.length).toBeGreaterThan(0);
  for (const share of shares) expect(share > 0 && share <= 1, `${share}`).toBe(true);
});

test("replay: a damaged frame of the overflow costs its record, is told with its place, and its segment is kept aside", () => {
  using folder = new TempFolder();
  const { group, segments, log } = makeDead(folder);
  const [, second = ""] = segments;
  const bytes = readFileSync(second);
  bytes[OVERFLOW_HEADER_BYTES + 30]! ^= 4;
  writeFileSync(second, bytes);
  const report = replayed(group);
  const to = OVERFLOW_HEADER_BYTES + overflowFrameBytes(bytes.readInt32LE(OVERFLOW_HEADER_BYTES));
  expect(report).toMatchObject({ isComplete: true, unreadable: 1, recovered: COUNT - 1 });
  expect(report.damage).toMatchObject([{ path: second, from: OVERFLOW_HEADER_BYTES, to, missing: 1 }]);
  expect(numbersIn(log)).toHaveLength(COUNT - 1);
  const [kept = "", ...others] = readdirSync(folder.file(".spillway"));
  expect(others).toEqual([]);
  expect(kept).toMatch(/\.spill\.bad\.\d+$/);
  expect(readFileSync(folder.file(".spillway", kept)).equals(bytes)).toBe(true);
});

test("replay: a segment without a readable header is left alone, and the report says so", () => {
  using folder = new TempFolder();
  const { group, segments, log } = makeDead(folder);
  const [, second = ""] = segments;
  const bytes = readFileSync(second).fill(0xee, 0, OVERFLOW_HEADER_BYTES);
  writeFileSync(second, bytes);
  const { refused } = replayed(group);
  expect(refused).toEqual([{ path: second, reason: "its header is damaged, or of a later version" }]);
  expect(readFileSync(second).equals(bytes)).toBe(true);
  expect(readFileSync(log, "utf8")).toContain("an overflow segment is missing");
  expect(numbersIn(log).length).toBeLessThan(COUNT);
});
