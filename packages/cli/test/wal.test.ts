import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSequence, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { spillway } from "./crash.ts";

const PROGRAM = fileURLToPath(new URL("programs/critical.mjs", import.meta.url));
const COUNT = 12;

/** What a power cut leaves of a process with critical records: its write-ahead log, and nothing else. */
async function cut(folder: TempFolder): Promise<string> {
  const walPath = folder.file("app.wal");
  const input = { path: folder.file("app.log"), walPath, count: COUNT };
  const { signal } = await runProgram(PROGRAM, { input });
  expect(signal).toBe("SIGKILL");
  rmSync(folder.file("app.log"), { force: true });
  rmSync(folder.file(".spillway"), { recursive: true });
  return walPath;
}

const walFiles = (folder: TempFolder): string[] =>
  readdirSync(folder.path).filter((name) => name.startsWith("app.wal."));

test("recover: delivers what a write-ahead log holds that no ring file goes with, given its walPath", async () => {
  using folder = new TempFolder();
  const walPath = await cut(folder);
  const listed = await spillway(["recover", walPath, "--list"]);
  expect(listed.code).toBe(0);
  expect(listed.stdout).toContain(`${COUNT} records of 1 process wait for ${folder.file("app.log")}`);
  const { code, stdout, stderr } = await spillway(["recover", walPath]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`recovered ${COUNT} records of 1 process into ${folder.file("app.log")}`);
  expect(checkSequence(folder.read("app.log"), { counts: { main: COUNT } }).problems).toEqual([]);
  expect(walFiles(folder)).toEqual([]);
});

test("recover -o: extracts a write-ahead log, and with --cleanup removes it", async () => {
  using folder = new TempFolder();
  const walPath = await cut(folder);
  const before = walFiles(folder);
  expect(await spillway(["recover", walPath, "-o", folder.file("found.log")])).toMatchObject({ code: 0, stderr: "" });
  expect(walFiles(folder)).toEqual(before);
  rmSync(folder.file("found.log"));
  const last = await spillway(["recover", walPath, "-o", folder.file("found.log"), "--cleanup"]);
  expect(last).toMatchObject({ code: 0, stderr: "" });
  expect(checkSequence(folder.read("found.log"), { counts: { main: COUNT } }).problems).toEqual([]);
  expect(walFiles(folder)).toEqual([]);
});

test("recover --mode: absolute delivers nothing of a damaged log, skip-corrupt all that is whole", async () => {
  using folder = new TempFolder();
  const walPath = await cut(folder);
  const segment = folder.file(walFiles(folder).find((name) => name.endsWith(".00000001"))!);
  const bytes = readFileSync(segment);
  bytes[bytes.indexOf('"seq":4')]! ^= 1;
  writeFileSync(segment, bytes);
  const refused = await spillway(["recover", walPath, "--mode", "absolute"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain("is damaged in 1 places");
  const { code, stdout } = await spillway(["recover", walPath, "--mode", "skip-corrupt"]);
  expect(code).toBe(3);
  expect(stdout).toContain(`recovered ${COUNT - 1} records`);
  expect(walFiles(folder)).toMatchObject([expect.stringMatching(/\.bad\.\d+$/)]);
});

test("recover --mode: a mode that is none is wrong usage", async () => {
  const { code, stderr } = await spillway(["recover", "app.wal", "--mode", "most"]);
  expect(code).toBe(2);
  expect(stderr).toContain("tolerate-tail, point-in-time, skip-corrupt, absolute");
});
