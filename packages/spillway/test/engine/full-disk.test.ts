import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkSequence, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "./obedient-program.ts";

const DISK_BYTES = 2 * 1024 * 1024;

/** A disk of 2 MiB that only the program sees, and that is gone with it. */
function withDisk(place: string): string[] {
  return [
    "unshare",
    "--mount",
    "--",
    "sh",
    "-c",
    `mount -t tmpfs -o size=${DISK_BYTES},mode=755 none "$0" && exec "$@"`,
    place,
  ];
}

const canMount = tries(withDisk("/mnt"));
if (!canMount) console.warn("SKIPPED: nothing can be mounted here, so that no disk can be full");

function tries([command = "", ...args]: string[]): boolean {
  return spawnSync(command, [...args, "true"]).status === 0;
}

/** A program whose disk is full; `fill` and `free` say when. */
function start(folder: TempFolder): {
  program: ObedientProgram;
  read: () => Buffer;
  fill: () => void;
  free: () => void;
} {
  const place = folder.file("disk");
  mkdirSync(place);
  const sinks = { file: { type: "file", path: `${place}/app.log` } };
  const program = new ObedientProgram({
    sinks,
    options: { flushTimeoutMs: 5000, crashSafety: false },
    under: withDisk(place),
  });
  // The disk as the program sees it.
  const seen = join("/proc", String(program.pid), "root", place);
  return {
    program,
    read: () => (existsSync(`${seen}/app.log`) ? readFileSync(`${seen}/app.log`) : Buffer.alloc(0)),
    fill: () => writeFileSync(`${seen}/filler`, Buffer.alloc(DISK_BYTES - 512 * 1024)),
    free: () => rmSync(`${seen}/filler`),
  };
}

test.skipIf(!canMount)(
  "disk full: the app runs on, says so once, and every record is in the file when there is room",
  async () => {
    using folder = new TempFolder();
    const { program, read, fill, free } = start(folder);
    await using _ = program;
    await program.log(10);
    await program.flush();
    fill();
    const { tookMs } = await program.log(10_000);
    expect(tookMs).toBeLessThan(1000);
    await waitFor("the trouble to be told", () => program.stderr.includes("ENOSPC"));
    const accounts = await program.accounts();
    expect(accounts).toMatchObject({ accepted: 10_010, dropped: {} });
    expect(accounts.sinks["file"]?.pending).toBeGreaterThan(0);
    expect(program.stderr.match(/ENOSPC/g)).toHaveLength(1);
    free();
    const freedAt = performance.now();
    await waitFor("all records", () => checkSequence(read(), { counts: { main: 10_010 } }).problems.length === 0);
    expect(performance.now() - freedAt).toBeLessThan(1500);
    expect((await program.end()).code).toBe(0);
  },
);

test.skipIf(!canMount)("disk full: a worker that dies with half a line written leaves no trace of it", async () => {
  using folder = new TempFolder();
  const { program, read, fill, free } = start(folder);
  await using _ = program;
  await program.log(10);
  await program.flush();
  fill();
  await program.log(10_000);
  await waitFor("the trouble to be told", () => program.stderr.includes("ENOSPC"));
  for (let i = 0; i < 3; i++) await program.kill();
  free();
  await program.log(1000);
  await program.flush();
  expect(checkSequence(read(), { counts: { main: 11_010 } }).problems).toEqual([]);
});

test.skipIf(!canMount)("disk full: the process ends in time, and says how many records it leaves", async () => {
  using folder = new TempFolder();
  const { program, fill } = start(folder);
  await using _ = program;
  await program.log(10);
  await program.flush();
  fill();
  await program.log(10_000);
  const before = performance.now();
  const outcome = await program.exit(3);
  expect(performance.now() - before).toBeLessThan(3000);
  expect(outcome.code).toBe(3);
  expect(outcome.stderr).toMatch(/not delivered \(file: \d+\)/);
});
