import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkSequence, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "../engine/obedient-program.ts";
import { leftOf, recover } from "./recover.ts";

const DISK_BYTES = 2 * 1024 * 1024;
/** With its head and dictionary 1.1 MiB of file. */
const RING_BYTES = 64 * 1024;

function withDisk(place: string): string[] {
  const mount = `mount -t tmpfs -o size=${DISK_BYTES},mode=755 none "$0" && exec "$@"`;
  return ["unshare", "--mount", "--", "sh", "-c", mount, place];
}

const [command = "", ...mountArgs] = [...withDisk("/mnt"), "true"];
const canMount = spawnSync(command, mountArgs).status === 0;
if (!canMount) console.warn("SKIPPED: full disk with ring files on it: nothing can be mounted here");

interface Disk {
  readonly program: ObedientProgram;
  readonly read: () => Buffer;
  readonly rings: () => string[];
  readonly fill: () => void;
  readonly free: () => void;
}

/** A program with its log and its ring file on a disk of 2 MiB that only it has. */
function start(folder: TempFolder, ringBytes: number): Disk {
  const place = folder.file("disk");
  mkdirSync(place);
  const sinks = { file: { type: "file", path: `${place}/app.log` } };
  const options = { ringBytes, whenFull: "drop", flushTimeoutMs: 5000 };
  const program = new ObedientProgram({ sinks, options, under: withDisk(place) });
  const seen = join("/proc", String(program.pid), "root", place);
  return {
    program,
    read: () => (existsSync(`${seen}/app.log`) ? readFileSync(`${seen}/app.log`) : Buffer.alloc(0)),
    rings: () => (existsSync(`${seen}/.spillway`) ? readdirSync(`${seen}/.spillway`) : []),
    fill: () => {
      // To the last byte: what does not fit is not written.
      spawnSync("dd", ["if=/dev/zero", `of=${seen}/filler`, "bs=4096"]);
    },
    free: () => rmSync(`${seen}/filler`),
  };
}

test.skipIf(!canMount)(
  "disk full, ring file on it: the app runs on with exact accounts, and goes on within a second of space returning",
  async () => {
    using folder = new TempFolder();
    const { program, read, rings, fill, free } = start(folder, RING_BYTES);
    await using _ = program;
    await program.log(10);
    await program.flush();
    expect(rings()).toHaveLength(1);
    fill();
    // Many times what the ring holds: every page of it is written to, and the disk has none to give.
    for (let i = 0; i < 20; i++) await program.log(1000, 100);
    await waitFor("the trouble to be told", () => program.stderr.includes("ENOSPC"));
    const { accepted, dropped, sinks } = await program.accounts();
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(accepted + lost).toBe(20_010);
    expect(lost).toBeGreaterThan(1000);
    expect(sinks["file"]?.pending).toBeGreaterThan(0);
    free();
    const freedAt = performance.now();
    await waitFor("what was accepted", () => linesIn(read()) >= accepted);
    expect(performance.now() - freedAt).toBeLessThan(1500);
    const whole = checkSequence(read(), { counts: { main: 20_010 }, mayMiss: () => true });
    expect(whole.problems).toEqual([]);
    expect(whole.records).toBe(accepted);
    const after = await program.accounts();
    expect(after.sinks["file"]).toMatchObject({ delivered: accepted, pending: 0 });
    expect((await program.end()).code).toBe(0);
  },
);

test.skipIf(!canMount)(
  "disk full when the ring file is made: the app starts without, says so once, and nothing of it is left",
  async () => {
    using folder = new TempFolder();
    const { program, read, rings } = start(folder, 8 * 1024 * 1024);
    await using _ = program;
    await program.log(1000);
    await program.flush();
    expect(program.stderr.match(/no ring file \(ENOSPC/g)).toHaveLength(1);
    expect(rings()).toEqual([]);
    expect(checkSequence(read(), { counts: { main: 1000 } }).problems).toEqual([]);
    expect((await program.end()).code).toBe(0);
  },
);

test("file at its limit: a process killed with half a line written is recovered without a trace of it", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const sinks = { file: { type: "file", path } };
  // 2 or 4 MiB, as the shell counts: more than the ring file, less than what is logged.
  const under = ["sh", "-c", 'ulimit -f 4096 && exec "$@"', "sh"];
  await using program = new ObedientProgram({ sinks, options: { ringBytes: 256 * 1024, whenFull: "drop" }, under });
  for (let i = 0; i < 60; i++) {
    await program.log(1000, 100);
    await waitFor("room", () => linesIn(folder.read("app.log")) > i * 500 || program.stderr.includes("EFBIG"));
  }
  await waitFor("the limit to be told", () => program.stderr.includes("EFBIG"));
  expect(folder.read("app.log").at(-1)).not.toBe(10);
  const { accepted } = await program.accounts();
  process.kill(program.pid, "SIGKILL");
  await waitFor("its end", () => !existsSync(`/proc/${program.pid}/fd/0`));
  await recover("recoverAll", path);
  const whole = checkSequence(folder.read("app.log"), { counts: { main: 60_000 }, mayMiss: () => true });
  expect(whole.problems).toEqual([]);
  expect(whole.records).toBe(accepted);
  expect(leftOf(path)).toEqual([]);
});

function linesIn(bytes: Buffer): number {
  return bytes
    .toString("latin1")
    .split("\n")
    .filter((line) => line.includes('"producer"')).length;
}
