/** A small log, cut at every byte and with every bit flipped: what is whole is found, and what is not is located. */
import nodeFs from "node:fs";
import { crc32c, DamagedWalError } from "@spillway/core";
import { TempFolder } from "@spillway/testkit";
import { expect, test, vi } from "vitest";
import { openWal, readWal } from "../../src/index.ts";
import { WAL_FRAMES_OFFSET, walFrameBytes } from "../../src/wal/layout.ts";
import { mutate } from "./mutations.ts";
import { Image, MemoryFiles, payloadOf, Random, readAll, seqsOf } from "./wal-under-test.ts";

// Tens of thousands of readings, on machines that do other things meanwhile.
vi.setConfig({ testTimeout: 180_000 });

const LENGTHS = [5, 0, 33, 12, 100, 28, 1];

/** Two segments, of seven and three frames; nothing pruned. */
async function smallLog(
  folder: TempFolder,
): Promise<{ log: string; image: Image; ends: number[]; payloads: string[] }> {
  const log = folder.file("app.wal");
  const first = openWal(log);
  const ends: number[] = [];
  let end = WAL_FRAMES_OFFSET;
  for (const length of LENGTHS) {
    first.append(length, payloadOf(length, length));
    end += walFrameBytes(length);
    ends.push(end);
  }
  await first.close();
  const second = openWal(log);
  for (let i = 0; i < 3; i++) second.append(i, payloadOf(i, 20));
  await second.close();
  const payloads = readAll(log).frames.map(({ payload }) => payload);
  return { log, image: new Image(folder.path), ends, payloads };
}

test("recovery: a segment cut at any byte gives the frames in front of the cut, and what is behind it in the next", async () => {
  using folder = new TempFolder();
  const { log, image, ends } = await smallLog(folder);
  const file = folder.file("app.wal.00000001");
  const whole = image.files.get("app.wal.00000001")!;
  for (let size = whole.length - 1; size >= 0; size--) {
    nodeFs.truncateSync(file, size);
    const { frames, report } = readAll(log, "tolerate-tail");
    const kept = ends.filter((end) => end <= size).length;
    const expected = [...Array.from({ length: kept }, (_, i) => i + 1), 8, 9, 10];
    expect(frames.map(({ seq }) => seq)).toEqual(expected);
    // The next segment says that there were seven.
    expect(report.missing).toEqual(kept === LENGTHS.length ? [] : [{ from: kept + 1, to: 7 }]);
    const isBetweenFrames = size === WAL_FRAMES_OFFSET || ends.includes(size);
    if (!isBetweenFrames) expect(report.damage.at(-1)).toMatchObject({ file: "app.wal.00000001", to: size });
    expect(seqsOf(log, "point-in-time")).toEqual(expected.slice(0, kept === LENGTHS.length ? undefined : kept));
    expect(() => seqsOf(log, "absolute")).toThrow(DamagedWalError);
  }
});

test("recovery: every flipped bit is noticed where it is, and every other frame is found", async () => {
  using folder = new TempFolder();
  const { log, image, ends, payloads } = await smallLog(folder);
  const missed: string[] = [];
  for (const [name, whole] of image.files) {
    const memory = new MemoryFiles(image.files);
    const bytes = Buffer.from(whole);
    memory.files.set(name, bytes);
    const isFirst = name === "app.wal.00000001";
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        bytes[at] = whole[at]! ^ (1 << bit);
        const { frames, report } = readAll(log, "skip-corrupt", memory.operations);
        const hit = report.damage.filter((one) => one.file === name && one.from <= at && at < one.to);
        // A frame of the first segment; in the second one all are equally long.
        const lost =
          at < WAL_FRAMES_OFFSET || name.endsWith("state")
            ? 0
            : isFirst
              ? ends.findIndex((end) => at < end) + 1
              : 8 + Math.floor((at - WAL_FRAMES_OFFSET) / walFrameBytes(20));
        const expected = payloads.filter((_, i) => i + 1 !== lost);
        const isRight = frames.length === expected.length && frames.every(({ payload }, i) => payload === expected[i]);
        if (hit.length !== 1 || report.damage.length !== 1 || !isRight) missed.push(`${name} byte ${at} bit ${bit}`);
      }
      bytes[at] = whole[at]!;
    }
  }
  expect(missed).toEqual([]);
  expect(readAll(log).report.damage).toEqual([]);
});

test("recovery: both headers gone, frames tell their epoch and numbers by themselves", async () => {
  using folder = new TempFolder();
  const { log } = await smallLog(folder);
  for (const name of ["app.wal.00000001", "app.wal.00000002"]) {
    const fd = nodeFs.openSync(folder.file(name), "r+");
    nodeFs.writeSync(fd, Buffer.alloc(WAL_FRAMES_OFFSET, 0xff), 0, WAL_FRAMES_OFFSET, 0);
    nodeFs.closeSync(fd);
    expect(seqsOf(log)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
});

test("recovery: the modes go past as much damage as they say", async () => {
  using folder = new TempFolder();
  const { log, ends } = await smallLog(folder);
  const fd = nodeFs.openSync(folder.file("app.wal.00000001"), "r+");
  nodeFs.writeSync(fd, Buffer.from("damage"), 0, 6, ends[2]! + 20);
  nodeFs.closeSync(fd);
  expect(seqsOf(log, "skip-corrupt")).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
  expect(seqsOf(log, "tolerate-tail")).toEqual([1, 2, 3]);
  expect(seqsOf(log, "point-in-time")).toEqual([1, 2, 3]);
  const { report } = readAll(log, "tolerate-tail");
  expect(report).toMatchObject({ frames: 3, leftOut: 6, missing: [{ from: 4, to: 4 }] });
  expect(report.stoppedAt).toEqual({ file: "app.wal.00000001", offset: ends[3], seq: 5 });
  expect(report.damage).toEqual([{ file: "app.wal.00000001", kind: "frame", from: ends[2], to: ends[3] }]);
  const refusal = expect(() => [...readWal(log, { mode: "absolute" })]);
  refusal.toThrow("frame in app.wal.00000001");
});

test("recovery: reading changes nothing, and gives the same again", async () => {
  using folder = new TempFolder();
  const { log, image } = await smallLog(folder);
  nodeFs.truncateSync(folder.file("app.wal.00000001"), 1200);
  const before = new Image(folder.path);
  const reading = readWal(log);
  expect([...reading].map(({ seq }) => seq)).toEqual([...reading].map(({ seq }) => seq));
  expect(new Image(folder.path).files).toEqual(before.files);
  image.restore();
});

test("recovery: a segment that is gone, renamed, another log's, no file or from the future is told", async () => {
  using folder = new TempFolder();
  using other = new TempFolder();
  const { log, image } = await smallLog(folder);
  const [one, two] = ["app.wal.00000001", "app.wal.00000002"] as const;
  const told = (): object[] => readAll(log).report.damage.map(({ file, kind }) => ({ file, kind }));

  nodeFs.rmSync(folder.file(one));
  expect(readAll(log).report.missing).toEqual([{ from: 1, to: 7 }]);
  image.restore();

  nodeFs.renameSync(folder.file(one), folder.file("app.wal.00000009"));
  expect(seqsOf(log)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(told()).toEqual([{ file: "app.wal.00000009", kind: "name" }]);
  image.restore();

  const theirs = await smallLog(other);
  nodeFs.writeFileSync(folder.file(one), theirs.image.files.get(one)!);
  expect(told()).toEqual([{ file: one, kind: "foreign" }]);
  expect(seqsOf(log)).toEqual([8, 9, 10]);
  image.restore();

  nodeFs.rmSync(folder.file(two));
  nodeFs.mkdirSync(folder.file(two));
  expect(told()).toEqual([{ file: two, kind: "unreadable" }]);
  image.restore();

  nodeFs.rmSync(folder.file("app.wal.state"));
  expect(told()).toEqual([{ file: "app.wal.state", kind: "state" }]);
  expect(seqsOf(log)).toHaveLength(10);
  image.restore();

  expect(readAll(folder.file("other.wal")).report).toMatchObject({ frames: 0, damage: [], segments: [] });
  expect(readAll(folder.file("no", "app.wal")).report).toMatchObject({ frames: 0, damage: [] });
  expect(() => readWal(log, { mode: "hope" as "absolute" })).toThrow("mode");
});

test("recovery: a log of a version from the future is not read, not opened and not changed", async () => {
  using folder = new TempFolder();
  const { log, image } = await smallLog(folder);
  for (const [name, copies] of [
    ["app.wal.00000002", [0, 512]],
    ["app.wal.state", [0, 512]],
  ] as const) {
    const bytes = Buffer.from(image.files.get(name)!);
    for (const at of copies) {
      bytes.writeInt32LE(2, at + 8);
      bytes.writeUInt32LE(crc32c(bytes, at, at + 508), at + 508);
    }
    nodeFs.writeFileSync(folder.file(name), bytes);
    const before = new Image(folder.path).files;
    expect(readAll(log).report.damage).toMatchObject([{ file: name, kind: "version" }]);
    expect(() => openWal(log)).toThrow(DamagedWalError);
    expect(new Image(folder.path).files).toEqual(before);
    image.restore();
  }
});

test("recovery: a damaged segment is set aside when it is pruned", async () => {
  using folder = new TempFolder();
  const { log, ends } = await smallLog(folder);
  const fd = nodeFs.openSync(folder.file("app.wal.00000001"), "r+");
  nodeFs.writeSync(fd, Buffer.from("damage"), 0, 6, ends[2]! + 20);
  nodeFs.closeSync(fd);
  const wal = openWal(log);
  await wal.prune(wal.lastSeq);
  await wal.close();
  expect(nodeFs.readdirSync(folder.path)).toEqual(["app.wal.00000001.bad", "app.wal.state"]);
  expect(readAll(log).report.damage).toEqual([]);
});

test("recovery: any mutation ends, throws nothing, and gives only frames that were written", async () => {
  using folder = new TempFolder();
  const { log, image, payloads } = await smallLog(folder);
  const random = new Random(7);
  for (let round = 0; round < 20_000; round++) mutate({ log, image, payloads, random });
});
