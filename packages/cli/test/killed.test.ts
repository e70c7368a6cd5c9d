/** A recovery that is killed in its middle, and repeated. */
import { cpSync, existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { checkSequence, type Outcome, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { crash, HAS_FLOCK, ringFiles, spillway, start } from "./crash.ts";

const COUNTS = { main: 6000, "main-0": 6000, "main-1": 6000 };
const ROUNDS = 30;
/** Into an output, where a kill leaves less to go wrong. */
const OUTPUT_ROUNDS = 10;

/** What a dead process left, to be laid down again before each round, and how many bytes of lines there are in it. */
async function leftovers(folder: TempFolder): Promise<{ restore: () => void; whole: number }> {
  await crash(folder, { count: 6000, bytes: 200, threads: 2 });
  const kept = folder.file("kept");
  cpSync(folder.file(".spillway"), kept, { recursive: true });
  expect(await spillway(["recover", folder.path])).toMatchObject({ code: 0 });
  return {
    restore: () => {
      for (const name of [".spillway", "app.log", "all.log"])
        rmSync(folder.file(name), { recursive: true, force: true });
      cpSync(kept, folder.file(".spillway"), { recursive: true });
    },
    whole: sizeOf(folder.file("app.log")),
  };
}

/**
 * Kills it when any part of `whole` bytes stands in `file`, or, every third time, at any moment after its start. By the
 * bytes, not by the clock: how long a recovery takes differs tenfold between machines.
 */
async function killHalfWay(
  args: readonly string[],
  file: string,
  whole: number,
  round: number,
  signal: NodeJS.Signals,
): Promise<Outcome> {
  const program = start(args);
  if (round % 3 === 0) await pause(Math.random() * 400);
  else for (const enough = Math.random() * whole; !program.hasEnded && sizeOf(file) <= enough; ) await nextTurn();
  program.kill(signal);
  return program.ended();
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

test.skipIf(!HAS_FLOCK)(
  "recover: killed at any moment and repeated, each record is in the log once and no line is torn",
  async () => {
    using folder = new TempFolder();
    const { restore, whole } = await leftovers(folder);
    let halfWay = 0;
    for (let round = 0; round < ROUNDS; round++) {
      restore();
      const { signal } = await killHalfWay(["recover", folder.path], folder.file("app.log"), whole, round, "SIGKILL");
      if (signal === "SIGKILL" && sizeOf(folder.file("app.log")) > 0 && ringFiles(folder).length > 0) halfWay++;
      expect(await spillway(["recover", folder.path])).toMatchObject({ code: 0, stderr: "" });
      const { problems } = checkSequence(folder.read("app.log"), { counts: COUNTS });
      expect([round, problems]).toEqual([round, []]);
      expect(ringFiles(folder)).toEqual([]);
    }
    // Otherwise nothing was shown.
    expect(halfWay).toBeGreaterThan(ROUNDS / 4);
  },
  240_000,
);

test.skipIf(!HAS_FLOCK)(
  "recover -o --cleanup: killed at any moment, the output is whole or not there; repeated, each record is there once",
  async () => {
    using folder = new TempFolder();
    const { restore, whole } = await leftovers(folder);
    const output = folder.file("all.log");
    const args = ["recover", folder.path, "-o", output, "--cleanup"];
    let halfWay = 0;
    for (let round = 0; round < OUTPUT_ROUNDS; round++) {
      restore();
      const { signal } = await killHalfWay(args, `${output}.partial`, whole, round, "SIGKILL");
      if (signal === "SIGKILL" && existsSync(`${output}.partial`)) halfWay++;
      if (existsSync(output)) expect(checkSequence(folder.read("all.log"), { counts: COUNTS }).problems).toEqual([]);
      expect(await spillway(args)).toMatchObject({ code: 0, stderr: "" });
      const { problems } = checkSequence(folder.read("all.log"), { counts: COUNTS });
      expect([round, problems]).toEqual([round, []]);
      expect(ringFiles(folder)).toEqual([]);
      expect(existsSync(`${output}.partial`) || existsSync(`${output}.recovering`)).toBe(false);
    }
    expect(halfWay).toBeGreaterThan(OUTPUT_ROUNDS / 4);
  },
  240_000,
);

test("recover: Ctrl-C ends it at once, and it can be repeated", async () => {
  using folder = new TempFolder();
  const { restore, whole } = await leftovers(folder);
  restore();
  const { signal } = await killHalfWay(["recover", folder.path], folder.file("app.log"), whole, 1, "SIGINT");
  expect(signal).toBe("SIGINT");
  expect(await spillway(["recover", folder.path])).toMatchObject({ code: 0, stderr: "" });
  expect(checkSequence(folder.read("app.log"), { counts: COUNTS }).problems).toEqual([]);
});

test("recover -o --cleanup: killed between the output's name and the removal, the next one removes and delivers nothing twice", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 100 });
  const output = folder.file("all.log");
  await spillway(["recover", folder.path, "-o", output]);
  const files = ringFiles(folder).map((name) => folder.file(".spillway", name));
  const removal = {
    identity: statSync(output).ino,
    files: files.map((file) => ({ path: file, identity: statSync(file).ino })),
  };
  writeFileSync(`${output}.recovering`, JSON.stringify(removal));
  const again = await spillway(["recover", folder.path, "-o", output, "--cleanup"]);
  expect(again).toMatchObject({ code: 0, stdout: `nothing to recover in ${folder.path}\n` });
  expect(ringFiles(folder)).toEqual([]);
  expect(checkSequence(folder.read("all.log"), { counts: { main: 100 } }).problems).toEqual([]);
});
