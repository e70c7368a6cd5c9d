import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { checkSequence, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { crash, HAS_FLOCK, live, ringFiles, spillway } from "./crash.ts";

if (!HAS_FLOCK) console.warn("SKIPPED: koffi is not here, so that recoveries at once are not tested");

test("recover: writes what a killed process left into its log, says so in a table, and has nothing to do then", async () => {
  using folder = new TempFolder();
  const pid = await crash(folder, { count: 1234 });
  const first = await spillway(["recover", folder.path]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout.split("\n")).toEqual([
    "PROCESS  RECORDS  UNREADABLE  DAMAGED  STATE",
    `${String(pid).padStart(7)}    1,234           0        0  delivered`,
    `recovered 1,234 records of 1 process into ${folder.file("app.log")}`,
    "",
  ]);
  const { problems, others } = checkSequence(folder.read("app.log"), { counts: { main: 1234 } });
  expect(problems).toEqual([]);
  expect(others).toMatchObject([{ recovered: 1234, from: pid }]);
  expect(ringFiles(folder)).toEqual([]);

  const before = folder.read("app.log");
  expect(await spillway(["recover", folder.path])).toMatchObject({
    code: 0,
    stdout: `nothing to recover in ${folder.path}\n`,
    stderr: "",
  });
  expect(folder.read("app.log")).toEqual(before);
});

test("recover: is given the folder of logs, the log, the folder of ring files or a ring file, in any spelling", async () => {
  using folder = new TempFolder();
  const ways = [".", "app.log", ".spillway", "./.spillway/RING"];
  for (const [index, way] of ways.entries()) {
    await crash(folder, { count: 10, producer: `p${index}`, isBlocked: false, options: { sync: false } });
    const [name = ""] = ringFiles(folder);
    const where = way.replace("RING", name);
    expect([way, (await spillway(["recover", where], { cwd: folder.path })).code]).toEqual([way, 0]);
    expect([way, ringFiles(folder)]).toEqual([way, []]);
  }
  const counts = { p0: 10, p1: 10, p2: 10, p3: 10 };
  expect(checkSequence(folder.read("app.log"), { counts }).problems).toEqual([]);
});

test("recover: takes the name of a log that never came to be", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 50 });
  expect(existsSync(folder.file("app.log"))).toBe(false);
  expect(await spillway(["recover", folder.file("app.log")])).toMatchObject({ code: 0 });
  expect(checkSequence(folder.read("app.log"), { counts: { main: 50 } }).problems).toEqual([]);
});

test("recover: of several processes and threads, each record once", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 300, producer: "a", threads: 2 });
  await crash(folder, { count: 300, producer: "b", log: "other.log" });
  const { code, stdout } = await spillway(["recover", folder.path]);
  expect(code).toBe(0);
  expect(stdout).toContain("recovered 1,200 records of 2 processes into");
  const counts = { a: 300, "a-0": 300, "a-1": 300 };
  expect(checkSequence(folder.read("app.log"), { counts }).problems).toEqual([]);
  expect(checkSequence(folder.read("other.log"), { counts: { b: 300 } }).problems).toEqual([]);
});

test("recover: leaves a process alone that lives, and says so", async () => {
  using folder = new TempFolder();
  await using _ = await live(folder, { count: 10 });
  const before = ringFiles(folder);
  const { code, stdout } = await spillway(["recover", folder.path]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^nothing to recover in .*\nleft alone: .*\.ring: .* lives/);
  expect(ringFiles(folder)).toEqual(before);
});

test("recover --list: shows what is there, and changes nothing", async () => {
  using folder = new TempFolder();
  const pid = await crash(folder, { count: 20 });
  const before = ringFiles(folder);
  const { code, stdout } = await spillway(["recover", folder.path, "--list"]);
  expect(code).toBe(0);
  expect(stdout).toContain(
    `20           0        0  waiting\n20 records of 1 process wait for ${folder.file("app.log")}`,
  );
  expect(stdout).toContain(String(pid));
  expect(ringFiles(folder)).toEqual(before);
  expect(existsSync(folder.file("app.log"))).toBe(false);
});

test("recover -o: appends to a file, and with --cleanup removes the ring files then", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 20 });
  const output = folder.file("found.log");
  writeFileSync(output, '{"before":true}\n');
  const copied = await spillway(["recover", folder.path, "-o", output]);
  expect(copied).toMatchObject({ code: 0, stderr: "" });
  expect(copied.stdout).toContain("copied\nrecovered 20 records of 1 process into");
  expect(ringFiles(folder)).toHaveLength(1);
  expect(folder.read("found.log").toString()).toMatch(/^{"before":true}\n{/);
  const moved = folder.file("moved.log");
  expect((await spillway(["recover", folder.path, "-o", moved, "--cleanup"])).stdout).toContain("delivered\n");
  expect(ringFiles(folder)).toEqual([]);
  expect(checkSequence(readFileSync(moved), { counts: { main: 20 } }).problems).toEqual([]);
  expect(existsSync(folder.file("app.log"))).toBe(false);
  expect(existsSync(`${moved}.partial`) || existsSync(`${moved}.recovering`)).toBe(false);
});

test("recover: what was meant for no file is kept, and goes to an output", async () => {
  using folder = new TempFolder();
  const sinks = { out: { type: "module", module: "file:///not-there.mjs" } } as const;
  await crash(folder, { count: 5, sinks, isBlocked: false, options: { crashSafety: { dir: folder.path } } });
  const { code, stderr, stdout } = await spillway(["recover", folder.path]);
  expect(code).toBe(4);
  expect(stdout).toContain("left\n");
  expect(stderr).toMatch(
    /^spillway: what process \d+ left was meant for out, and for no file; name an output for it\n$/,
  );
  expect(await spillway(["recover", folder.path, "-o", folder.file("x.log"), "--cleanup"])).toMatchObject({ code: 0 });
  expect(checkSequence(folder.read("x.log"), { counts: { main: 5 } }).problems).toEqual([]);
});

test("recover: names damaged files, and ends with 3", async () => {
  using folder = new TempFolder();
  mkdirSync(folder.file(".spillway"));
  const damaged = folder.file(".spillway", "app.log.17.0000abcd.0.ring");
  writeFileSync(damaged, "no ring file");
  const { code, stdout } = await spillway(["recover", folder.path]);
  expect(code).toBe(3);
  expect(stdout).toContain("1  damaged\n");
  expect(stdout).toContain(`damaged: ${damaged}`);
});

test("recover: does not follow links, and ends with 4 over what it cannot judge", async () => {
  using folder = new TempFolder();
  mkdirSync(folder.file(".spillway"));
  symlinkSync("/etc/hostname", folder.file(".spillway", "app.log.17.0000abcd.0.ring"));
  const { code, stdout } = await spillway(["recover", folder.path]);
  expect(code).toBe(4);
  expect(stdout).toContain(": a symbolic link\n");
});

test.skipIf(!HAS_FLOCK)("recover: eight at once on one folder deliver each record once, and all end well", async () => {
  using folder = new TempFolder();
  await crash(folder, { count: 2000, producer: "a", threads: 2, isBlocked: false });
  await crash(folder, { count: 2000, producer: "b", threads: 2, isBlocked: false });
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => spillway(["recover", folder.path, "--json"])));
  expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(8).fill({ code: 0, stderr: "" }));
  const counts = { a: 2000, "a-0": 2000, "a-1": 2000, b: 2000, "b-0": 2000, "b-1": 2000 };
  expect(checkSequence(folder.read("app.log"), { counts }).problems).toEqual([]);
  expect(ringFiles(folder)).toEqual([]);
});

test.skipIf(!HAS_FLOCK)(
  "recover -o: eight at once into one file wait for each other, and each record is there once",
  async () => {
    using folder = new TempFolder();
    await crash(folder, { count: 1000, producer: "a", threads: 2 });
    await crash(folder, { count: 1000, producer: "b" });
    const args = ["recover", folder.path, "-o", folder.file("all.log"), "--cleanup"];
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => spillway(args)));
    expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(8).fill({ code: 0, stderr: "" }));
    const counts = { a: 1000, "a-0": 1000, "a-1": 1000, b: 1000 };
    expect(checkSequence(folder.read("all.log"), { counts }).problems).toEqual([]);
    expect(path.basename(ringFiles(folder).join())).toBe("");
  },
);
