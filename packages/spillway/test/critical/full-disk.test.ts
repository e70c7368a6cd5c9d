import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkSequence, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "../engine/obedient-program.ts";
import { walFiles } from "./lives.ts";

const DISK_BYTES = 2 * 1024 * 1024;

function withDisk(place: string): string[] {
  const mount = `mount -t tmpfs -o size=${DISK_BYTES},mode=755 none "$0" && exec "$@"`;
  return ["unshare", "--mount", "--", "sh", "-c", mount, place];
}

const [command = "", ...mountArgs] = [...withDisk("/mnt"), "true"];
const canMount = spawnSync(command, mountArgs).status === 0;
if (!canMount) console.warn("SKIPPED: full disk with a write-ahead log on it: nothing can be mounted here");

/** A program with its log here, and its write-ahead logs on a disk of 2 MiB that only it has. */
function start(folder: TempFolder, sync: boolean): { program: ObedientProgram; seen: string } {
  const place = folder.file("disk");
  mkdirSync(place);
  const sinks = { file: { type: "file", path: folder.file("app.log") } };
  const options = { sync, critical: { walPath: `${place}/app.wal` } };
  const program = new ObedientProgram({ sinks, options, under: withDisk(place) });
  return { program, seen: join("/proc", String(program.pid), "root", place) };
}

const fill = (seen: string): void => {
  // To the last byte: what does not fit is not written.
  spawnSync("dd", ["if=/dev/zero", `of=${seen}/filler`, "bs=4096"]);
};

test.skipIf(!canMount).each([false, true])(
  "critical, disk full when the log is made (sync: %s): the app runs on, each record is counted, and later ones are durable when there is room",
  async (sync) => {
    using folder = new TempFolder();
    const { program, seen } = start(folder, sync);
    await using _ = program;
    await program.log(10);
    fill(seen);
    await program.log(50, 100, "error");
    await expect(program.durable()).rejects.toThrow("ERR_SPILLWAY_UNDURABLE");
    expect((await program.accounts()).undurable).toBe(50);
    expect(program.stderr.match(/cannot be made durable.*ENOSPC/g)).toHaveLength(1);
    rmSync(`${seen}/filler`);
    // One record in a while tries again; what came before is not made durable any more.
    const deadline = performance.now() + 10_000;
    let tries = 0;
    let isDurable = false;
    while (!isDurable && performance.now() < deadline) {
      tries++;
      await program.log(1, 100, "error");
      isDurable = await program.durable().then(
        () => true,
        () => false,
      );
    }
    await program.log(20, 100, "error");
    await program.durable();
    await program.flush();
    const { accepted, undurable, sinks } = await program.accounts();
    expect(undurable).toBe(50 + tries - 1);
    expect(accepted).toBe(10 + 50 + tries + 20);
    expect(sinks["file"]).toMatchObject({ delivered: accepted, pending: 0 });
    expect(checkSequence(folder.read("app.log"), { counts: { main: accepted } }).problems).toEqual([]);
    expect((await program.end()).code).toBe(0);
  },
);

test.skipIf(!canMount).each([false, true])(
  "critical, disk full while the log grows (sync: %s): what does not fit is counted, and later records are durable",
  async (sync) => {
    using folder = new TempFolder();
    const { program, seen } = start(folder, sync);
    await using _ = program;
    await program.log(10, 100, "error");
    await program.durable();
    fill(seen);
    for (let i = 0; i < 4; i++) await program.log(100, 1000, "error");
    const { accepted, undurable } = await program.accounts();
    expect(accepted).toBe(410);
    // A few fit into the last page of the segment.
    expect(undurable).toBeGreaterThan(300);
    await expect(program.durable()).rejects.toThrow("ERR_SPILLWAY_UNDURABLE");
    rmSync(`${seen}/filler`);
    await program.log(10, 1000, "error");
    await program.durable();
    expect((await program.accounts()).undurable).toBe(undurable);
    expect(walFiles(`${seen}/app.wal`).length).toBeGreaterThan(2);
    await program.flush();
    expect(checkSequence(folder.read("app.log"), { counts: { main: 420 } }).problems).toEqual([]);
    expect((await program.end()).code).toBe(0);
    expect(walFiles(`${seen}/app.wal`)).toEqual([]);
  },
);
