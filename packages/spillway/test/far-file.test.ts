import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { NamedSinkSpec } from "@spillway/core";
import { TempFolder } from "@spillway/testkit";
import { expect, test, vi } from "vitest";

const PAYLOAD = Buffer.from("a record");
const PERMISSIONS = 0o777;

/** With nothing remembered of earlier tests. */
async function farFiles(): Promise<typeof import("../src/far-file.ts")> {
  vi.resetModules();
  return import("../src/far-file.ts");
}

function sinkIn(folder: TempFolder): NamedSinkSpec[] {
  return [{ name: "file", spec: { type: "file", path: folder.file("app.log") } }];
}

/** The id of a process that is no more. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

test("far file: is the user's own, in a folder of the user's own beside the log", async () => {
  using folder = new TempFolder();
  const { path } = (await farFiles()).writeFarFile(PAYLOAD, sinkIn(folder), 0);
  expect(dirname(path)).toBe(folder.file(".spillway"));
  expect(lstatSync(path).mode & PERMISSIONS).toBe(0o600);
  expect(lstatSync(dirname(path)).mode & PERMISSIONS).toBe(0o700);
});

test("far file: a link in the place of its folder is not followed", async () => {
  using folder = new TempFolder();
  vi.stubEnv("TMPDIR", folder.file("tmp"));
  mkdirSync(folder.file("tmp"));
  mkdirSync(folder.file("elsewhere"));
  symlinkSync(folder.file("elsewhere"), folder.file(".spillway"));
  const { path } = (await farFiles()).writeFarFile(PAYLOAD, sinkIn(folder), 0);
  expect(readdirSync(folder.file("elsewhere"))).toEqual([]);
  expect(dirname(dirname(path))).toBe(folder.file("tmp"));
});

test("far file: without a log file it is in a folder that nobody can foresee, and only the user can enter", async () => {
  using folder = new TempFolder();
  vi.stubEnv("TMPDIR", folder.file("tmp"));
  mkdirSync(folder.file("tmp"));
  const { path: first } = (await farFiles()).writeFarFile(PAYLOAD, [], 0);
  const { path: second } = (await farFiles()).writeFarFile(PAYLOAD, [], 0);
  expect(dirname(first)).not.toBe(dirname(second));
  expect(lstatSync(dirname(first)).mode & PERMISSIONS).toBe(0o700);
});

test("far file: those of dead processes are swept, those of living ones, of other machines and other files stay", async () => {
  using folder = new TempFolder();
  const { writeFarFile, sweepFolder } = await farFiles();
  const own = basename(writeFarFile(PAYLOAD, sinkIn(folder), 0).path);
  const [, place = "", ...rest] = own.split(".");
  const named = (pid: number, where: string): string => [pid, where, ...rest].join(".");
  const dead = deadPid();
  const kept = [named(1, place), named(dead, `${place}0`), `${dead}.far`, "notes.txt", own];
  const swept = named(dead, place);
  for (const name of [...kept, swept]) writeFileSync(folder.file(join(".spillway", name)), "");
  await sweepFolder(folder.file(".spillway"));
  expect(readdirSync(folder.file(".spillway")).sort()).toEqual(kept.sort());
});

test("far file: that of a dead process stays as long as a ring that was not recovered may refer to it", async () => {
  using folder = new TempFolder();
  const { writeFarFile, sweepFolder } = await farFiles();
  const own = basename(writeFarFile(PAYLOAD, sinkIn(folder), 0).path);
  const dead = deadPid();
  const far = own.replace(String(process.pid), String(dead));
  const ring = folder.file(join(".spillway", `app.log.${dead}.0badcafe.0.ring`));
  for (const path of [ring, folder.file(join(".spillway", far))]) writeFileSync(path, "");
  await sweepFolder(folder.file(".spillway"));
  expect(existsSync(folder.file(join(".spillway", far)))).toBe(true);
  unlinkSync(ring);
  await sweepFolder(folder.file(".spillway"));
  expect(existsSync(folder.file(join(".spillway", far)))).toBe(false);
});

test("far file: the temporary folders of dead processes are swept when one is made", async () => {
  using folder = new TempFolder();
  vi.stubEnv("TMPDIR", folder.file("tmp"));
  mkdirSync(folder.file("tmp"));
  const { path: first } = (await farFiles()).writeFarFile(PAYLOAD, [], 0);
  const asDead = (name: string): string => name.replace(String(process.pid), String(deadPid()));
  const left = folder.file(join("tmp", asDead(basename(dirname(first)))));
  mkdirSync(left);
  writeFileSync(join(left, asDead(basename(first))), "");
  (await farFiles()).writeFarFile(PAYLOAD, [], 0);
  await vi.waitUntil(() => !existsSync(left));
  expect(existsSync(first)).toBe(true);
});

test("far file: sweeping where there is nothing is no trouble", async () => {
  using folder = new TempFolder();
  await (await farFiles()).sweepFolder(folder.file(".spillway"));
});
