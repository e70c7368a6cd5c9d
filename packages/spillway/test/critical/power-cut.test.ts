/**
 * The power goes: a file system in a file is copied while a program logs to it, without what the kernel still holds back,
 * and mounted in the place of the first one, on a machine that believes to have been started anew. Log, ring file and
 * write-ahead log are all there as far as the disk has them.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Acknowledged, Program, Random, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test, vi } from "vitest";
import { recover } from "../crash/recover.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 3_600_000 : 120_000 });
const CUTS = isLong ? 50 : 4;
const DISK_MIB = 64;
const PROGRAM = fileURLToPath(new URL("programs/acknowledges.mjs", import.meta.url));
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

/** Commands that run a program with another boot id than the machine has. */
function afterBoot(folder: TempFolder): string[] {
  const id = folder.file("boot_id");
  writeFileSync(id, "00000000-1111-2222-3333-444444444444\n");
  return ["unshare", "--mount", "--", "sh", "-c", `mount --bind ${id} ${BOOT_ID} && exec "$@"`, "sh"];
}

function makeDisk(image: string): boolean {
  return works("truncate", "-s", `${DISK_MIB}M`, image) && works("mkfs.ext4", "-q", "-F", image);
}

/** A mounted file system in a file, gone at the end of its block. */
class LoopDisk {
  readonly place: string;

  constructor(image: string, place: string) {
    this.place = place;
    mkdirSync(place, { recursive: true });
    if (!works("mount", "-o", "loop", image, place)) throw new Error(`${image} cannot be mounted`);
  }

  [Symbol.dispose](): void {
    works("umount", "-l", this.place);
  }
}

function isPossibleHere(): boolean {
  using folder = new TempFolder();
  const [command = "", ...args] = [...afterBoot(folder), "true"];
  if (!works(command, ...args) || !makeDisk(folder.file("probe.img"))) return false;
  try {
    using _ = new LoopDisk(folder.file("probe.img"), folder.file("probe"));
    return true;
  } catch {
    return false;
  }
}

const isPossible = isPossibleHere();

test(`critical: of ${CUTS} images taken as a power cut leaves them, each record acknowledged as durable is delivered`, async (ctx) => {
  if (!isPossible) ctx.skip("no file system can be mounted from a file here, or no other boot id pretended");
  using folder = new TempFolder();
  const random = new Random(isLong ? Date.now() | 0 : 7);
  let fromWal = 0;
  for (let cut = 0; cut < CUTS; cut++) {
    const image = folder.file("disk.img");
    const copy = folder.file("after.img");
    const place = folder.file("disk");
    const path = `${place}/app.log`;
    const acknowledged = new Acknowledged(folder.file(`acknowledged-${cut}`));
    expect(makeDisk(image)).toBe(true);
    let called: number;
    {
      using _ = new LoopDisk(image, place);
      const input = {
        sinks: { file: { type: "file", path } },
        options: { ringBytes: 256 * 1024 },
        acknowledged: acknowledged.path,
        step: "s",
        threads: 1,
        // Only critical ones: nothing else is promised to survive the power.
        isMirror: true,
        perTurn: random.pick([1, 5, 20]),
        pauseMs: cut % 2 === 0 ? 0 : 5,
        atMost: 1_000_000,
        isBig: false,
      };
      await using running = new Program(PROGRAM, { input });
      const least = random.between(20, 300);
      await waitFor("some records", () => acknowledged.calls(0) > least, 20_000);
      // Nothing is synced while it is copied: the copy is of one moment, as a power cut is.
      running.kill("SIGSTOP");
      called = acknowledged.calls(0);
      copyFileSync(image, copy);
    }
    using _ = new LoopDisk(copy, place);
    const before = seqsIn(path);
    await recover(cut % 4 < 2 ? "recoverAll" : "start", path, {
      under: afterBoot(folder),
      ...(cut % 4 < 2 ? {} : { options: { critical: {} } }),
    });
    const after = seqsIn(path);
    const missing = Array.from({ length: called }, (_, seq) => seq).filter((seq) => !after.has(seq));
    expect(missing).toEqual([]);
    fromWal += after.size - before.size;
    expect(readdirSync(`${place}/.spillway`).filter((name) => name.includes(".wal."))).toEqual([]);
  }
  // Otherwise the log had all of it, and nothing was shown.
  expect(fromWal).toBeGreaterThan(0);
});

/** The numbers in the whole lines of a log. */
function seqsIn(path: string): Set<number> {
  const seqs = new Set<number>();
  let text = "";
  try {
    text = readFileSync(path, "latin1");
  } catch {
    // It had not come to the disk.
  }
  for (const line of text.split("\n")) {
    try {
      const { seq, size, text: filler } = JSON.parse(line) as { seq?: number; size?: number; text?: string };
      if (seq !== undefined && filler?.length === size) seqs.add(seq);
    } catch {
      // Half a line, or none.
    }
  }
  return seqs;
}
