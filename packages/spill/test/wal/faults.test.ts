/** Real errors of a real kernel: injected into its calls, and a disk that is full. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Program, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { Acks } from "./acks.ts";
import { bundleProgram, readAll, segmentsOf, works } from "./wal-under-test.ts";

const DISK_BYTES = 2 * 1024 * 1024;
const canTrace = works("strace", "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "true");

/** Runs the writer to its end, with `inject` done to its calls on the log's files; what it was told and what is there. */
async function runTraced(folder: TempFolder, mode: string, inject: readonly string[]) {
  const program = await bundleProgram("critical-writer.mjs", folder.path);
  mkdirSync(folder.file("logs"));
  const log = folder.file("logs", "app.wal");
  const trace = folder.file("trace");
  const env = { UV_THREADPOOL_SIZE: "1" };
  const under = ["strace", "-f", "-y", "-o", trace, ...inject.flatMap((one) => ["-e", one])];
  using acks = new Acks(folder.file("acks"));
  const input = { log, mode, frames: 200 };
  await using running = new Program(program, { input, under, env, stdio: acks.stdio });
  const { code, stdout } = await running.ended();
  const calls = readFileSync(trace, "utf8").split("\n");
  const failed = stdout.split("\n").filter((line) => line.startsWith("failed"));
  const end = JSON.parse(/^end (.*)$/m.exec(stdout)?.[1] ?? "{}") as {
    durable: number;
    undurable: number;
    failed: number;
  };
  return { code, failed, end, calls, acked: acks.all(), ...readAll(log, "skip-corrupt") };
}

const INJECTIONS = [
  // strace counts the calls of each thread by itself.
  ["one sync in ten", "10+10"],
  ["every other sync", "2+2"],
  ["every sync but the first", "2+1"],
] as const;

for (const mode of ["sync", "async", "mixed"]) {
  for (const [what, when] of INJECTIONS) {
    test(`faults, ${mode}: EIO in ${what}: what was told to be durable is there, and no descriptor is synced again`, async (ctx) => {
      if (!canTrace) ctx.skip("strace cannot trace here");
      using folder = new TempFolder();
      const inject = ["trace=fdatasync,openat,close", `inject=fdatasync:error=EIO:when=${when}`];
      const { code, failed, end, frames, report, calls, acked } = await runTraced(folder, mode, inject);
      expect(code).toBe(0);
      expect(end.durable + end.undurable).toBeGreaterThanOrEqual(200);
      expect(report.missing).toEqual([]);
      const found = new Set(frames.map(({ seq }) => seq));
      expect(acked.filter((seq) => !found.has(seq))).toEqual([]);
      expect(frames.length).toBeGreaterThanOrEqual(end.durable);
      if (when === "2+1") {
        // The first one on the calling thread is that of the state, when the log is made.
        expect(acked.length).toBeLessThan(mode === "sync" ? 1 : 10);
        expect(failed.some((line) => line.startsWith("failed ERR_SPILLWAY_UNDURABLE EIO"))).toBe(true);
        expect(end.undurable).toBeGreaterThan(100);
      } else expect(acked.length).toBeGreaterThan(10);
      expect(calls.some((line) => line.includes("(INJECTED)"))).toBe(true);
      expect(syncedAfterFailure(calls)).toEqual([]);
    }, 60_000);
  }
}

test("faults, seeded: a descriptor that is synced after a failure is noticed, a new one of its number is not", () => {
  const failed = "1 fdatasync(5</a>) = -1 EIO (Input/output error) (INJECTED)";
  expect(syncedAfterFailure([failed, "1 fdatasync(5</a>) = 0"])).toHaveLength(1);
  expect(syncedAfterFailure([failed, "1 openat(AT_FDCWD, b) = 5</b>", "1 fdatasync(5</b>) = 0"])).toEqual([]);
});

test("faults: a log whose first file cannot be made durable is not opened", async (ctx) => {
  if (!canTrace) ctx.skip("strace cannot trace here");
  using folder = new TempFolder();
  const { code } = await runTraced(folder, "sync", ["trace=fdatasync", "inject=fdatasync:error=EIO:when=1+1"]);
  expect(code).toBe(1);
});

/** Segments' descriptors that were synced after a sync of theirs had failed, from a trace of opens, closes and syncs. */
function syncedAfterFailure(calls: readonly string[]): string[] {
  const poisoned = new Set<string>();
  const again: string[] = [];
  for (const line of calls) {
    const opened = /openat.* = (\d+)</.exec(line)?.[1];
    if (opened !== undefined) poisoned.delete(opened);
    const [, fd] = /fdatasync\((\d+)</.exec(line) ?? [];
    if (fd === undefined) continue;
    if (poisoned.has(fd)) again.push(line);
    if (line.includes("(INJECTED)")) poisoned.add(fd);
  }
  return again;
}

test("faults: ENOSPC, EIO and short writes at every write: no half frame is taken for whole, and the program runs on", {
  timeout: 120_000,
}, async (ctx) => {
  if (!canTrace) ctx.skip("strace cannot trace here");
  for (const rule of ["error=ENOSPC:when=7+5", "error=EIO:when=20", "retval=3:when=3+9"]) {
    using folder = new TempFolder();
    const result = await runTraced(folder, "async", ["trace=pwrite64", `inject=pwrite64:${rule}`]);
    expect(result.code).toBe(0);
    expect(result.calls.some((line) => line.includes("(INJECTED)"))).toBe(true);
    // A write that claims three bytes it did not write leaves damage, which the checksums show.
    if (rule.startsWith("retval")) continue;
    expect(result.report.missing).toEqual([]);
    expect(result.frames.length).toBeGreaterThanOrEqual(result.end.durable);
    for (const { seq, payload } of result.frames) expect(payload.startsWith(`${seq} `)).toBe(true);
  }
});

/** A disk of 2 MiB that only the program sees, and that is gone with it. */
function withDisk(place: string): string[] {
  const mount = `mount -t tmpfs -o size=${DISK_BYTES},mode=755 none "$0" && exec "$@"`;
  return ["unshare", "--mount", "--", "sh", "-c", mount, place];
}

const [unshare = "", ...mountArgs] = withDisk("/mnt");
const canMount = spawnSync(unshare, [...mountArgs, "true"]).status === 0;

for (const mode of ["sync", "async"]) {
  test(`faults, ${mode}: a full disk rejects, nothing else; when there is room again, the next records are durable`, {
    timeout: 60_000,
  }, async (ctx) => {
    if (!canMount) ctx.skip("nothing can be mounted here, so that no disk can be full");
    using folder = new TempFolder();
    const program = await bundleProgram("critical-writer.mjs", folder.path);
    const place = folder.file("disk");
    mkdirSync(place);
    const log = join(place, "app.wal");
    const input = { log, mode, pauseMs: 1 };
    using acks = new Acks(folder.file("acks"));
    await using running = new Program(program, { input, under: withDisk(place), stdio: acks.stdio });
    const seen = join("/proc", String(running.pid), "root", place);
    await waitFor("some records", () => acks.last() > 20);
    fillUp(join(seen, "filler"));
    await waitFor("the rejection", () => running.stdout.includes("failed ERR_SPILLWAY_UNDURABLE ENOSPC"));
    const atFull = acks.last();
    rmSync(join(seen, "filler"));
    const freedAt = performance.now();
    await waitFor("records after it", () => acks.last() > atFull + 50);
    expect(performance.now() - freedAt).toBeLessThan(5000);
    running.kill("SIGSTOP");
    const { frames, report } = readAll(join(seen, "app.wal"), "skip-corrupt");
    const found = new Set(frames.map(({ seq }) => seq));
    expect(acks.all().filter((seq) => !found.has(seq))).toEqual([]);
    expect(report.missing).toEqual([]);
    expect(report.damage.every(({ kind }) => kind === "tail")).toBe(true);
    for (const { seq, payload } of frames) expect(payload.startsWith(`${seq} `)).toBe(true);
    expect(segmentsOf(join(seen, "app.wal")).length).toBeLessThan(400);
    running.kill();
  });
}

function fillUp(file: string): void {
  const chunk = Buffer.alloc(4096, 1);
  for (let i = 0; i < DISK_BYTES / 4096; i++) {
    try {
      writeFileSync(file, chunk, { flag: "a" });
    } catch {
      return;
    }
  }
}
