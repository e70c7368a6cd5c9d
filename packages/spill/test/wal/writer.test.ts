import nodeFs from "node:fs";
import path from "node:path";
import { RecordTooLargeError, UndurableError } from "@spillway/core";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { openWal } from "../../src/index.ts";
import { SYSTEM_FILES, type WalFileOperations } from "../../src/wal/files.ts";
import { payloadOf, readAll, segmentsOf, seqsOf } from "./wal-under-test.ts";

const A = Buffer.from("a");

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail`), { code });
}

/** Files whose operations fail for as long as `fails` says so; counts the syncs per descriptor. */
class FailingFiles {
  /** Which calls fail, by name, and how. */
  readonly fails: Partial<Record<keyof WalFileOperations, string>> = {};
  /** Descriptors whose sync failed, in order, and those that were synced again after that. */
  readonly poisoned = new Set<number>();
  readonly syncedAgain: number[] = [];
  /** Bytes the system takes at a time. */
  atATime = Number.POSITIVE_INFINITY;
  syncs = 0;
  /** The next failure is the last one. */
  forgives = false;

  readonly operations: WalFileOperations = {
    ...SYSTEM_FILES,
    openSync: (...args) => {
      const fd = nodeFs.openSync(...args);
      // A number is used again after a close.
      this.poisoned.delete(fd);
      return fd;
    },
    fdatasyncSync: (fd) => {
      this.#sync(fd);
      const code = this.fails.fdatasyncSync;
      if (code !== undefined) {
        this.poisoned.add(fd);
        throw failure(code);
      }
      nodeFs.fdatasyncSync(fd);
    },
    fdatasync: ((fd: number, done: (error: Error | null) => void) => {
      this.#sync(fd);
      const code = this.fails.fdatasync;
      if (code === undefined) nodeFs.fdatasync(fd, done);
      else {
        this.poisoned.add(fd);
        if (this.forgives) delete this.fails.fdatasync;
        setImmediate(done, failure(code));
      }
    }) as WalFileOperations["fdatasync"],
    fsyncSync: (fd) => {
      const code = this.fails.fsyncSync;
      if (code !== undefined) throw failure(code);
      nodeFs.fsyncSync(fd);
    },
    fsync: ((fd: number, done: (error: Error | null) => void) => {
      const code = this.fails.fsync;
      if (code === undefined) nodeFs.fsync(fd, done);
      else setImmediate(done, failure(code));
    }) as WalFileOperations["fsync"],
    writeSync: ((fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
      const code = this.fails.writeSync;
      if (code === undefined) return nodeFs.writeSync(fd, bytes, offset, Math.min(length, this.atATime), position);
      // Takes half of it first, as a disk that fills up does.
      nodeFs.writeSync(fd, bytes, offset, length >>> 1, position);
      throw failure(code);
    }) as WalFileOperations["writeSync"],
  };

  #sync(fd: number): void {
    this.syncs++;
    if (this.poisoned.has(fd)) this.syncedAgain.push(fd);
  }
}

test("wal: what was appended is read again, in order, with its tag", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const wal = openWal(log, { segmentBytes: 4096 });
  const expected = Array.from({ length: 200 }, (_, i) => {
    const payload = payloadOf(i);
    return { seq: wal.append(i, payload), tag: i, payload: payload.toString("latin1") };
  });
  expect(expected.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  await wal.durable();
  const { frames, report } = readAll(log);
  expect(frames).toEqual(expected);
  expect(report).toMatchObject({ damage: [], missing: [], duplicates: 0, leftOut: 0, lastSeq: 200 });
  expect(segmentsOf(log).length).toBeGreaterThan(2);
  for (const name of segmentsOf(log)) expect(nodeFs.statSync(folder.file(name)).size).toBeLessThanOrEqual(4096);
  await wal.close();
});

test("wal: one sync serves everybody who waits", async () => {
  using folder = new TempFolder();
  const files = new FailingFiles();
  const wal = openWal(folder.file("app.wal"), { files: files.operations });
  wal.append(1, A);
  await wal.durable();
  const before = files.syncs;
  await Promise.all(
    Array.from({ length: 64 }, () => {
      wal.append(1, A);
      return wal.durable();
    }),
  );
  expect(files.syncs - before).toBe(1);
  await wal.close();
});

test("wal: those who come back with the next record meet in one sync again", async () => {
  using folder = new TempFolder();
  const files = new FailingFiles();
  const wal = openWal(folder.file("app.wal"), { files: files.operations });
  const before = files.syncs;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let i = 0; i < 10; i++) {
        wal.append(1, A);
        await wal.durable();
      }
    }),
  );
  expect(files.syncs - before).toBeLessThanOrEqual(12);
  await wal.close();
});

test("wal: a record nobody waits for becomes durable by itself", async () => {
  using folder = new TempFolder();
  const wal = openWal(folder.file("app.wal"));
  wal.append(1, A);
  await expect.poll(() => wal.settledTo).toBe(1);
  expect(wal.counts()).toMatchObject({ durable: 1, pending: 0 });
  await wal.close();
});

test("wal: syncNow returns with everything on the disk, also with a sync on its way in the background", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const wal = openWal(log);
  wal.append(1, A);
  const first = wal.durable();
  await new Promise(setImmediate);
  wal.append(2, A);
  wal.syncNow();
  expect(wal.settledTo).toBe(2);
  expect(seqsOf(log)).toEqual([1, 2]);
  await first;
  await wal.close();
});

test("wal: files are the owner's only, whatever the umask, and a planted link or file is not written to", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  nodeFs.writeFileSync(folder.file("victim"), "");
  nodeFs.symlinkSync(folder.file("victim"), folder.file("app.wal.00000001"));
  nodeFs.writeFileSync(folder.file("app.wal.00000002"), "somebody's");
  const umask = process.umask(0);
  const wal = openWal(log);
  wal.append(1, A);
  wal.syncNow();
  process.umask(umask);
  expect(folder.read("victim").length).toBe(0);
  expect(folder.read("app.wal.00000002").toString()).toBe("somebody's");
  for (const name of ["app.wal.00000003", "app.wal.state"]) {
    expect(nodeFs.statSync(folder.file(name)).mode & 0o777).toBe(0o600);
  }
  expect(seqsOf(log)).toHaveLength(1);
  await wal.close();
});

test("wal: a name that is taken while it runs is left alone", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const wal = openWal(log);
  nodeFs.symlinkSync(folder.file("nowhere"), folder.file("app.wal.00000001"));
  wal.append(1, A);
  wal.syncNow();
  expect(nodeFs.existsSync(folder.file("nowhere"))).toBe(false);
  expect(nodeFs.existsSync(folder.file("app.wal.00000002"))).toBe(true);
  await wal.close();
});

test("prune: what is pruned is not read again, its segments go, and a log closed with nothing left is a state alone", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const wal = openWal(log, { segmentBytes: 4096 });
  for (let i = 1; i <= 100; i++) wal.append(i, payloadOf(i, 100));
  wal.syncNow();
  const before = segmentsOf(log).length;
  const pruned = wal.prune(60);
  // Without waiting: a kill from here on does not bring them back.
  expect(seqsOf(log)[0]).toBe(61);
  await pruned;
  expect(segmentsOf(log).length).toBeLessThan(before);
  expect(seqsOf(log)).toEqual(Array.from({ length: 40 }, (_, i) => 61 + i));
  await wal.prune(1e9);
  await wal.close();
  expect(nodeFs.readdirSync(folder.path)).toEqual(["app.wal.state"]);
  const again = openWal(log);
  expect(again.append(1, A)).toBe(101);
  await again.close();
});

test("prune: what hinders it is told, and the next one makes up for it", async () => {
  using folder = new TempFolder();
  const troubles: string[] = [];
  const files = new FailingFiles();
  let isStuck = false;
  const operations = {
    ...files.operations,
    unlinkSync: (file: nodeFs.PathLike) => {
      if (isStuck) throw failure("EIO");
      nodeFs.unlinkSync(file);
    },
  };
  const log = folder.file("app.wal");
  const onTrouble = (error: Error): void => void troubles.push(error.message);
  const wal = openWal(log, { segmentBytes: 4096, files: operations, onTrouble });
  for (let i = 1; i <= 100; i++) wal.append(i, payloadOf(i, 100));
  wal.syncNow();
  const all = segmentsOf(log).length;
  isStuck = true;
  await wal.prune(60);
  expect(troubles).toEqual(["EIO: made to fail"]);
  expect(segmentsOf(log).length).toBe(all);
  isStuck = false;
  await wal.prune(61);
  expect(segmentsOf(log).length).toBeLessThan(all);
  await wal.close();
});

test("wal: goes on behind what an earlier process left, in a segment of its own", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  for (let life = 0; life < 4; life++) {
    const wal = openWal(log);
    expect(wal.append(life, A)).toBe(life + 1);
    await wal.close();
  }
  expect(seqsOf(log, "absolute")).toEqual([1, 2, 3, 4]);
  expect(segmentsOf(log)).toHaveLength(4);
});

test("wal: after a torn end, numbers are not given a second time, and nobody misses those that were not", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const first = openWal(log);
  for (let i = 0; i < 10; i++) first.append(i, A);
  await first.close();
  nodeFs.truncateSync(folder.file("app.wal.00000001"), nodeFs.statSync(folder.file("app.wal.00000001")).size - 40);
  const second = openWal(log);
  expect(second.append(1, A)).toBe(10);
  await second.close();
  for (const mode of ["tolerate-tail", "point-in-time", "skip-corrupt"] as const) {
    const { frames, report } = readAll(log, mode);
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10]);
    expect(report.missing).toEqual([]);
    expect(report.damage).toMatchObject([{ kind: "tail" }]);
  }
});

for (const call of ["fdatasyncSync", "fdatasync", "writeSync"] as const) {
  for (const errno of ["EIO", "ENOSPC"]) {
    test(`wal: ${errno} in ${call} is told to those who wait, and what comes later is durable in a new segment`, async () => {
      using folder = new TempFolder();
      const log = folder.file("app.wal");
      const files = new FailingFiles();
      const troubles: Error[] = [];
      const onTrouble = (error: Error): void => void troubles.push(error);
      const wal = openWal(log, { files: files.operations, onTrouble });
      const commit = async (): Promise<void> => (call === "fdatasyncSync" ? wal.syncNow() : wal.durable());
      wal.append(1, A);
      await commit();
      files.fails[call] = errno;
      wal.append(2, A);
      wal.append(3, A);
      const error = await commit().then(
        () => undefined,
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(UndurableError);
      expect(error).toMatchObject({ code: "ERR_SPILLWAY_UNDURABLE", path: log, errno, count: 2 });
      expect(troubles).toEqual([error]);
      wal.append(4, A);
      await expect(commit()).rejects.toMatchObject({ errno, count: 1 });
      // No files are left behind by the attempts.
      expect(segmentsOf(log)).toHaveLength(1);
      delete files.fails[call];
      wal.append(5, A);
      await commit();
      expect(wal.counts()).toMatchObject({ appended: 5, durable: 2, undurable: 3, pending: 0 });
      await wal.close();
      const { frames, report } = readAll(log, "point-in-time");
      const seqs = frames.map(({ seq }) => seq);
      expect(seqs).toContain(1);
      expect(seqs).toContain(5);
      expect(report.missing).toEqual([]);
      expect(files.syncedAgain).toEqual([]);
    });
  }
}

for (const call of ["fsyncSync", "fsync"] as const) {
  test(`wal: the first frame of a segment is durable when the folder is synced as well, with ${call}, and not before`, async () => {
    using folder = new TempFolder();
    const files = new FailingFiles();
    const wal = openWal(folder.file("app.wal"), { files: files.operations });
    const commit = async (): Promise<void> => (call === "fsyncSync" ? wal.syncNow() : wal.durable());
    files.fails[call] = "EIO";
    wal.append(1, A);
    await expect(commit()).rejects.toMatchObject({ errno: "EIO", count: 1 });
    delete files.fails[call];
    wal.append(2, A);
    await commit();
    // Its name lasts now.
    files.fails[call] = "EIO";
    wal.append(3, A);
    await commit();
    expect(wal.counts()).toMatchObject({ durable: 2, undurable: 1 });
    await wal.close();
  });
}

test("wal: one failed sync is mended in a new segment; nobody is told, and every frame comes out once", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const files = new FailingFiles();
  const wal = openWal(log, { files: files.operations });
  wal.append(1, A);
  await wal.durable();
  files.fails.fdatasync = "EIO";
  wal.append(2, Buffer.from("b"));
  files.forgives = true;
  await wal.durable();
  expect(wal.counts()).toMatchObject({ durable: 2, undurable: 0, abandoned: 1 });
  wal.append(3, A);
  await wal.durable();
  await wal.close();
  const { frames, report } = readAll(log, "absolute");
  expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(report.duplicates).toBe(1);
  expect(files.syncedAgain).toEqual([]);
});

test("wal: what was given up while nobody waited is told to the next who asks, once", async () => {
  using folder = new TempFolder();
  const files = new FailingFiles();
  const wal = openWal(folder.file("app.wal"), { files: files.operations });
  files.fails.fdatasync = "EIO";
  wal.append(1, A);
  await expect.poll(() => wal.counts().undurable).toBe(1);
  delete files.fails.fdatasync;
  wal.append(2, A);
  await expect(wal.durable()).rejects.toMatchObject({ count: 1 });
  await wal.durable();
  await wal.close();
});

test("wal: a system that takes a few bytes at a time gets all of them", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const files = new FailingFiles();
  files.atATime = 7;
  const wal = openWal(log, { files: files.operations });
  for (let i = 0; i < 20; i++) wal.append(i, payloadOf(i));
  await wal.close();
  expect(seqsOf(log, "absolute")).toHaveLength(20);
});

test("wal: a payload larger than a segment has one to itself", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const wal = openWal(log, { segmentBytes: 4096 });
  wal.append(1, A);
  wal.append(2, Buffer.alloc(300_000, 1));
  wal.append(3, A);
  await wal.close();
  const { frames } = readAll(log, "absolute");
  expect(frames.map(({ payload }) => payload.length)).toEqual([1, 300_000, 1]);
});

test("wal: beyond maxPendingBytes, append waits for the disk", async () => {
  using folder = new TempFolder();
  const wal = openWal(folder.file("app.wal"), { maxPendingBytes: 10_000 });
  for (let i = 0; i < 100; i++) wal.append(1, payloadOf(i, 1000));
  expect(wal.counts().pending).toBeLessThan(11);
  await wal.close();
});

test("wal: an append after close, a payload beyond all bounds and options that make no sense are refused", async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  const wal = openWal(log);
  expect(() => wal.append(1, { length: 2 ** 30 } as Uint8Array)).toThrow(RecordTooLargeError);
  const closed = wal.close();
  expect(() => wal.append(1, A)).toThrow(UndurableError);
  await closed;
  expect(wal.close()).toBe(closed);
  expect(() => openWal("")).toThrow("path");
  expect(() => openWal(log, { segmentBytes: 100, maxPendingBytes: Number.NaN })).toThrow(
    /segmentBytes[\s\S]*maxPending/,
  );
  expect(() => openWal(folder.file("no", "app.wal"))).toThrow("ENOENT");
  expect(path.basename(log)).toBe("app.wal");
});

test("wal: descriptors are given back", async () => {
  using folder = new TempFolder();
  const open = (): number => nodeFs.readdirSync("/proc/self/fd").length;
  const before = process.platform === "linux" ? open() : 0;
  const files = new FailingFiles();
  const wal = openWal(folder.file("app.wal"), { segmentBytes: 4096, files: files.operations });
  for (let round = 0; round < 20; round++) {
    if (round % 3 === 0) files.fails.fdatasync = "EIO";
    else delete files.fails.fdatasync;
    for (let i = 0; i < 20; i++) wal.append(1, payloadOf(i, 300));
    await wal.durable().catch(() => undefined);
  }
  delete files.fails.fdatasync;
  await wal.prune(wal.lastSeq);
  await wal.close();
  if (process.platform === "linux") expect(open()).toBe(before);
});
