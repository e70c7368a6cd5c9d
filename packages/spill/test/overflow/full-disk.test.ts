import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { bundleProgram } from "./bundle-program.ts";

/** A disk of 2 MiB that only the program sees, and that is gone with it. */
function withDisk(place: string): string[] {
  return [
    ...["unshare", "--mount", "--", "sh", "-c"],
    `mount -t tmpfs -o size=2m,mode=755 none "$0" && exec "$@"`,
    place,
  ];
}

function canRun([command = "", ...args]: string[]): boolean {
  return spawnSync(command, [...args, "true"]).status === 0;
}

interface Counts {
  readonly ok: number;
  readonly refused: number;
  readonly codes: readonly string[];
  readonly resumedAfterMs: readonly number[];
  readonly taken: number;
  readonly inOrder: boolean;
  readonly skipped: number;
  readonly left: number;
  readonly slowestMs: number;
}

test("overflow: on a disk of 2 MiB that is full every append is answered, accounts are exact, and it goes on with the space", async (ctx) => {
  if (!canRun(withDisk("/mnt"))) ctx.skip("nothing can be mounted here, so that no disk can be full");
  using folder = new TempFolder();
  const place = folder.file("disk");
  mkdirSync(place);
  writeFileSync(folder.file("program.mjs"), await bundleProgram("full-disk-program.mjs"));
  const { stdout, stderr, code } = await runProgram(folder.file("program.mjs"), {
    input: { folder: place },
    under: withDisk(place),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const counts = JSON.parse(stdout) as Counts;
  expect(counts).toMatchObject({ codes: ["ENOSPC"], taken: counts.ok, inOrder: true, skipped: 0, left: 0 });
  expect(counts.ok).toBeGreaterThan(5000);
  expect(counts.refused).toBeGreaterThan(20_000);
  expect(Math.max(...counts.resumedAfterMs)).toBeLessThan(1000);
});

/** Which calls on the first two segments fail, and how. */
const FAULTS = [
  "pwrite64:error=ENOSPC:when=20..40",
  "pwrite64:error=EIO:when=30..33",
  "pwrite64:error=EINTR:when=10+7",
  "pwrite64:error=ENOSPC:when=1..3",
  "openat:error=EMFILE:when=2..4",
  "pwrite64:error=ENOSPC:when=20..22 ftruncate:error=EIO:when=1+",
];

test.for(FAULTS)("overflow: with the kernel answering %s nothing that was taken is lost", async (fault, ctx) => {
  if (!canRun(["strace", "-o", "/dev/null"])) ctx.skip("there is no strace that works here, so that no call fails");
  using folder = new TempFolder();
  writeFileSync(folder.file("program.mjs"), await bundleProgram("injected-program.mjs"));
  mkdirSync(folder.file("spill"));
  const { stdout, stderr, code } = await runProgram(folder.file("program.mjs"), {
    input: { folder: folder.file("spill") },
    under: [
      ...["strace", "-f", "-qq", "-o", folder.file("trace")],
      ...["-P", folder.file("spill/app.1.5.0.000001.spill"), "-P", folder.file("spill/app.1.5.0.000002.spill")],
      ...["-e", "trace=pwrite64,openat,ftruncate"],
      ...fault.split(" ").flatMap((one) => ["-e", `inject=${one}`]),
    ],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const counts = JSON.parse(stdout) as Counts;
  expect(counts).toMatchObject({ taken: counts.ok, inOrder: true, skipped: 0 });
  expect(counts.ok).toBeGreaterThan(100);
  // Otherwise the fault never happened, and nothing was tried.
  expect(readFileSync(folder.file("trace"), "utf8").includes("(INJECTED)")).toBe(true);
});
