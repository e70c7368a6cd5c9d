/** What the command says: help, errors, JSON, colours, progress. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { checkSequence, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ProgressBar } from "../src/progress-bar.ts";
import type { Output } from "../src/terminal.ts";
import { COMMAND, crash, ringFiles, spillway } from "./crash.ts";

const MANIFEST = new URL("../../spillway/package.json", import.meta.url);
const ESC = "\u001b";

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0;
}

const HAS_TERMINAL = runs("script", ["-qec", "true", "/dev/null"]);
const CAN_MOUNT = runs("unshare", ["--mount", "--", "mount", "-t", "tmpfs", "none", "/mnt"]);
const CAN_BE_ANOTHER = runs("setpriv", ["--reuid=65534", "--clear-groups", "--", process.execPath, "-e", ""]);
if (!HAS_TERMINAL) console.warn("SKIPPED: no script(1), and so no terminal to draw on");
if (!CAN_MOUNT) console.warn("SKIPPED: nothing can be mounted here, so that no disk can be full");
if (!CAN_BE_ANOTHER) console.warn("SKIPPED: nobody else can be here, to whom something is forbidden");

test("spillway: without words, or asked for help, names its commands", async () => {
  const bare = await spillway([]);
  expect(bare).toMatchObject({ code: 0, stderr: "" });
  expect(bare.stdout).toContain("Usage: spillway [options] [command]");
  expect(bare.stdout).toMatch(/recover .*deliver what processes that were killed/);
  for (const args of [["--help"], ["-h"], ["help"]])
    expect(await spillway(args)).toMatchObject({ code: 0, stdout: bare.stdout });
});

test("spillway help recover: names every option and every exit code", async () => {
  const { code, stdout, stderr } = await spillway(["help", "recover"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const option of ["path", "-o, --output <file>", "--cleanup", "--list", "--json", "-q, --quiet", "-h, --help"])
    expect(stdout).toContain(`  ${option} `);
  for (const number of [0, 1, 2, 3, 4]) expect(stdout).toMatch(new RegExp(`^ {2}${number}  `, "m"));
  expect((await spillway(["recover", "--help"])).stdout).toBe(stdout);
});

test("spillway --version: says the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(MANIFEST, "utf8"));
  expect(await spillway(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("spillway: wrong usage ends with 2 and a hint, and does nothing", async () => {
  const wrong = [
    { args: ["recver", "x"], says: "Did you mean recover?" },
    { args: ["recover"], says: "missing required argument 'path'" },
    { args: ["recover", "x", "--clean"], says: "Did you mean --cleanup?" },
    { args: ["recover", "x", "y"], says: "too many arguments" },
    { args: ["recover", "x", "--cleanup"], says: "--cleanup goes with --output" },
    { args: ["recover", "x", "-o", "-"], says: "takes the name of a file" },
    { args: ["recover", "x", "--list", "-o", "f"], says: "--list delivers nothing" },
  ];
  for (const { args, says } of wrong) {
    const { code, stdout, stderr } = await spillway(args);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" });
    expect(stderr).toContain(says);
  }
});

test("recover: a path that is not there ends with 1 and says so, in JSON too", async () => {
  using folder = new TempFolder();
  mkdirSync(folder.file("logs"));
  for (const path of [folder.file("nowhere"), folder.file("no", "where"), folder.file("logs", "ap.log")]) {
    const { code, stdout, stderr } = await spillway(["recover", path, "--json"]);
    const message = `${path}: no such file or folder`;
    expect({ code, stderr }).toEqual({ code: 1, stderr: `spillway: ${message}\n` });
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      exitCode: 1,
      error: { code: "ENOENT", message, path, written: 0 },
    });
  }
});

test("recover --json: one object, whose members are these", async () => {
  using folder = new TempFolder();
  const pid = await crash(folder, { count: 7 });
  const files = ringFiles(folder).map((name) => folder.file(".spillway", name));
  const process = { pid, unreadable: 0, recovered: 7, into: [folder.file("app.log")], files, damaged: [] };
  const common = { version: 1, exitCode: 0, recovered: 7, unreadable: 0, output: null, spared: [], troubles: [] };
  const listed = await spillway(["recover", folder.path, "--list", "--json"]);
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(listed.stdout)).toEqual({
    ...common,
    processes: [{ ...process, state: "waiting", complete: false }],
  });
  const done = await spillway(["recover", folder.path, "--json", "--quiet"]);
  expect(done.stdout.split("\n")).toHaveLength(2);
  expect(JSON.parse(done.stdout)).toEqual({
    ...common,
    processes: [{ ...process, state: "delivered", complete: true }],
  });
});

test("recover --quiet: prints nothing, and answers by its exit code", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 7 });
  expect(await spillway(["recover", folder.path, "-q"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect(checkSequence(folder.read("app.log"), { counts: { main: 7 } }).problems).toEqual([]);
});

test("recover -o: an output that is a folder, or is in none, ends with 1 before anything is read", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 7 });
  const before = ringFiles(folder);
  const outputs = [
    { output: folder.path, says: "it is a folder; name a file" },
    { output: folder.file("no", "where.log"), says: "no such file or folder" },
  ];
  for (const { output, says } of outputs) {
    const { code, stderr, stdout } = await spillway(["recover", folder.path, "-o", output, "--cleanup"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `spillway: ${output} cannot be written: ${says}; it is as it was, and no ring file was removed\n`,
    );
  }
  expect(ringFiles(folder)).toEqual(before);
});

test.skipIf(!CAN_MOUNT)(
  "recover -o: a disk that becomes full says after how many records, and nothing is changed",
  async () => {
    using folder = new TempFolder();
    await crash(folder, { count: 20_000, bytes: 100 });
    const before = ringFiles(folder);
    mkdirSync(folder.file("disk"));
    const output = folder.file("disk", "all.log");
    // A disk of 2 MiB that only the command sees; then what is on it.
    const under = ["unshare", "--mount", "--", "sh", "-c"];
    const script =
      'mount -t tmpfs -o size=2m none "$0" && echo before > "$0/all.log" && "$@"; code=$?; ls -A "$0" >&2; cat "$0/all.log" >&2; exit $code';
    const { code, stderr } = await spillway(["recover", folder.path, "-o", output, "--cleanup"], {
      under: [...under, script, folder.file("disk")],
    });
    expect(code).toBe(1);
    const [message, ...rest] = stderr.split("\n");
    expect(message).toMatch(
      /cannot be written: the disk is full after [1-9][\d,]+ records; it is as it was, and no ring file was removed$/,
    );
    expect(rest).toEqual(["all.log", "before", ""]);
    expect(ringFiles(folder)).toEqual(before);
  },
);

test.skipIf(!CAN_MOUNT)(
  "recover: a disk that becomes full under the log ends with 4, and the rest comes with the next attempt",
  async () => {
    using folder = new TempFolder();
    await crash(folder, { count: 20_000, bytes: 100, log: "disk/app.log" });
    // Twice on the same small disk, and between them room is made.
    const script =
      'mkdir "$0/rings" && cp -r "$0/disk/.spillway/." "$0/rings" && mount -t tmpfs -o size=2m none "$0/disk" && "$@"; first=$?;' +
      'mount -o remount,size=64m "$0/disk" && "$@"; second=$?; cp "$0/disk/app.log" "$0/found.log"; exit $first$second';
    const { code, stderr, stdout } = await spillway(["recover", folder.file("rings")], {
      under: ["unshare", "--mount", "--", "sh", "-c", script, folder.path],
    });
    expect(code).toBe(40);
    expect(stderr).toContain("ENOSPC");
    expect(stdout).toMatch(
      /left\nrecovered [1-9][\d,]+ records of 1 process.*delivered\nrecovered [1-9][\d,]+ records/s,
    );
    expect(checkSequence(folder.read("found.log"), { counts: { main: 20_000 } }).problems).toEqual([]);
  },
);

test.skipIf(!CAN_BE_ANOTHER)("recover: what may not be read ends with 1, what may not be changed with 4", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 7 });
  const before = ringFiles(folder);
  const under = ["setpriv", "--reuid=65534", "--clear-groups", "--"];
  const closed = await spillway(["recover", folder.path], { under });
  expect(closed).toMatchObject({ code: 1, stderr: `spillway: ${folder.file(".spillway")}: permission denied\n` });
  chmodSync(folder.file(".spillway"), 0o755);
  const shown = await spillway(["recover", folder.path], { under });
  expect(shown.code).toBe(4);
  expect(shown.stdout).toMatch(/left alone: .*\.ring: permission denied\n/);
  expect(ringFiles(folder)).toEqual(before);
});

test("recover: a reader that goes away is no failure", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 7 });
  const child = spawn(process.execPath, [COMMAND, "recover", folder.path], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(checkSequence(folder.read("app.log"), { counts: { main: 7 } }).problems).toEqual([]);
});

/** What the command writes to a terminal. */
function onTerminal(folder: TempFolder, env: NodeJS.ProcessEnv): string {
  const command = `${process.execPath} ${COMMAND} recover ${folder.path} --list`;
  // Node finds no colours where CI is set.
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...rest } = process.env;
  return spawnSync("script", ["-qec", command, "/dev/null"], {
    env: { ...rest, TERM: "xterm-256color", NODE_OPTIONS: "", ...env },
    encoding: "utf8",
  }).stdout;
}

test.skipIf(!HAS_TERMINAL)("recover: has colours on a terminal, none with NO_COLOR, and never in a pipe", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 7 });
  expect(onTerminal(folder, {})).toContain(`${ESC}[33mwaiting`);
  expect(onTerminal(folder, { NO_COLOR: "1" })).not.toContain(ESC);
  expect(onTerminal(folder, { TERM: "dumb" })).not.toContain(ESC);
  expect((await spillway(["recover", folder.path, "--list"])).stdout).not.toContain(ESC);
});

test("progress: draws after half a second, ten times a second at most, within the width, and is gone in the end", () => {
  const drawn: string[] = [];
  let now = 0;
  const stream = { columns: 60, write: (text: string) => drawn.push(text) } as unknown as Output;
  const bar = new ProgressBar(stream, () => now);
  for (; now <= 1000; now += 10) bar.show({ processes: 0, ofProcesses: 2, records: now * 10, share: now / 4000 });
  expect(drawn).toHaveLength(6);
  expect(drawn[0]).toBe(`\r${ESC}[K[###---------------------] 12%  5,000 records  10,000/s  pr`);
  bar.clear();
  bar.clear();
  expect(drawn.slice(6)).toEqual([`\r${ESC}[K`]);
});

test("progress: what is over in a moment draws nothing", () => {
  const drawn: string[] = [];
  const bar = new ProgressBar({ write: (text: string) => drawn.push(text) } as unknown as Output, () => 0);
  bar.show({ processes: 0, ofProcesses: 1, records: 1, share: 0.5 });
  bar.clear();
  expect(drawn).toEqual([]);
});
