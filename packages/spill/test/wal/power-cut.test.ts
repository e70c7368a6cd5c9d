/**
 * The power goes: a file system in a file is copied while a program writes to a log on it, without what the kernel still
 * holds back. The copy is mounted, which replays the file system's own journal, and the log on it is read.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { Program, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test, vi } from "vitest";
import { Acks } from "./acks.ts";
import { bundleProgram, Random, readAll, works } from "./wal-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 7_200_000 : 120_000 });
const CUTS = isLong ? 100 : 4;
const DISK_MIB = 24;

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}

/** A mounted file system in a file, gone at the end of its block. */
class LoopDisk {
  readonly place: string;

  constructor(image: string, place: string) {
    this.place = place;
    mkdirSync(place, { recursive: true });
    run("mount", "-o", "loop", image, place);
  }

  [Symbol.dispose](): void {
    works("umount", "-l", this.place);
  }
}

/** A power cut is of one moment; a sync that was under way, or the journal's timer, may write while the image is copied. */
function copyOfOneMoment(image: string, copy: string): void {
  do copyFileSync(image, copy);
  while (!readFileSync(image).equals(readFileSync(copy)));
}

function canLoop(): boolean {
  if (process.getuid?.() !== 0) return false;
  using folder = new TempFolder();
  const image = folder.file("probe.img");
  if (!works("truncate", "-s", "8M", image) || !works("mkfs.ext4", "-q", image)) return false;
  try {
    using _ = new LoopDisk(image, folder.file("probe"));
    return true;
  } catch {
    return false;
  }
}

const isPossible = canLoop();

for (const mode of ["sync", "async"]) {
  test(`power cut, ${mode}: of ${CUTS} images taken while it writes, none lacks an acknowledged frame`, async (ctx) => {
    if (!isPossible) ctx.skip("no file system can be mounted from a file here (root, mkfs.ext4 and loop devices)");
    using folder = new TempFolder();
    const program = await bundleProgram("critical-writer.mjs", folder.path);
    const random = new Random(isLong ? Date.now() | 0 : 5);
    for (let cut = 0; cut < CUTS; cut++) {
      const image = folder.file("disk.img");
      run("truncate", "-s", `${DISK_MIB}M`, image);
      run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image);
      const copy = folder.file("after.img");
      let acked: number[];
      {
        using disk = new LoopDisk(image, folder.file("disk"));
        using acks = new Acks(folder.file(`acks-${cut}`));
        const input = { log: `${disk.place}/app.wal`, mode, pauseMs: 1 };
        await using running = new Program(program, { input, stdio: acks.stdio });
        await waitFor("some records", () => acks.last() > 5, 20_000);
        await new Promise((resolve) => setTimeout(resolve, random.below(300)));
        acked = acks.all();
        running.kill("SIGSTOP");
        copyOfOneMoment(image, copy);
      }
      using after = new LoopDisk(copy, folder.file("after"));
      const { frames, report } = readAll(`${after.place}/app.wal`, "skip-corrupt");
      const found = new Set(frames.map(({ seq }) => seq));
      expect(acked.filter((seq) => !found.has(seq))).toEqual([]);
      expect(report.missing).toEqual([]);
      for (const { seq, payload } of frames) expect(payload).toBe(`${seq} `.repeat(1 + (seq % 60)));
      expect(readFileSync(folder.file(`acks-${cut}`)).length).toBeGreaterThan(0);
    }
  });
}
