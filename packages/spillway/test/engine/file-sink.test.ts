import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { checkSequence, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "./obedient-program.ts";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

function fileSink(path: string): { file: { type: string; path: string } } {
  return { file: { type: "file", path } };
}

test("file: is made with its folders, and appended to by the next run", async () => {
  using folder = new TempFolder();
  const path = folder.file("not", "there", "yet", "app.log");
  for (const from of [0, 500]) {
    await using program = new ObedientProgram({ sinks: fileSink(path), from });
    await program.log(500);
    expect((await program.end()).code).toBe(0);
  }
  expect(checkSequence(readFileSync(path), { counts: { main: 1000 } }).problems).toEqual([]);
});

test("file: after a rename the next records are in a new file within a second, and nothing is lost", async () => {
  using folder = new TempFolder();
  await using program = new ObedientProgram({ sinks: fileSink(folder.file("app.log")) });
  await program.log(1000);
  await program.flush();
  renameSync(folder.file("app.log"), folder.file("app.log.1"));
  const renamedAt = performance.now();
  let logged = 1000;
  while (folder.read("app.log").length === 0 && performance.now() - renamedAt < 5000) {
    await program.log(10);
    await program.flush();
    logged += 10;
  }
  expect(performance.now() - renamedAt).toBeLessThan(1500);
  await program.end();
  const both = Buffer.concat([folder.read("app.log.1"), folder.read("app.log")]);
  expect(checkSequence(both, { counts: { main: logged } }).problems).toEqual([]);
});

test("file: a folder that was removed is made again, and whole lines go on in it", async () => {
  using folder = new TempFolder();
  const path = folder.file("logs", "app.log");
  await using program = new ObedientProgram({ sinks: fileSink(path) });
  await program.log(100);
  await program.flush();
  rmSync(folder.file("logs"), { recursive: true });
  await waitFor("the folder to be there again", () => {
    void program.log(1);
    return statSync(path, { throwIfNoEntry: false });
  });
  await program.log(100);
  const { accepted } = await program.accounts();
  await program.end();
  // What was written between the removal and its discovery went with the removed file.
  const report = checkSequence(readFileSync(path), {
    counts: { main: accepted },
    mayMiss: ({ seq }) => seq < accepted - 100,
  });
  expect(report.problems).toEqual([]);
});

test.skipIf(!isRoot)(
  "file: a path that may not be written is told once, and its records are delivered when it may",
  async () => {
    using folder = new TempFolder();
    const path = folder.file("locked", "app.log");
    mkdirSync(folder.file("locked"), { mode: 0o755 });
    // Root may write anywhere; nobody may not.
    const under = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
    await using program = new ObedientProgram({
      sinks: fileSink(path),
      options: { flushTimeoutMs: 200, crashSafety: false },
      under,
    });
    await program.log(1000);
    await expect(program.flush()).rejects.toThrow("ERR_SPILLWAY_FLUSH_TIMEOUT");
    expect(await program.accounts()).toMatchObject({
      accepted: 1000,
      dropped: {},
      sinks: { file: { delivered: 0, pending: 1000 } },
    });
    expect(program.stderr.trim().split("\n")).toHaveLength(1);
    expect(program.stderr).toMatch(/^spillway: sink file: EACCES: permission denied, open '.*app\.log'/);
    chownSync(folder.file("locked"), NOBODY, NOBODY);
    await waitFor(
      "the records in the file",
      () => checkSequence(folder.read("locked", "app.log"), { counts: { main: 1000 } }).problems.length === 0,
    );
    expect((await program.accounts()).sinks["file"]).toMatchObject({ delivered: 1000, pending: 0 });
    expect((await program.end()).code).toBe(0);
  },
);

test.skipIf(!isRoot)(
  "file: a program whose path can never be written ends by itself, and says how many records it leaves",
  async () => {
    using folder = new TempFolder();
    chmodSync(folder.path, 0o755);
    const under = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
    const options = { exitTimeoutMs: 500, crashSafety: false };
    await using program = new ObedientProgram({ sinks: fileSink(folder.file("no", "app.log")), options, under });
    await program.log(1000);
    const outcome = await program.end();
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain("the process ends with records not delivered (file: 1000)");
  },
);

test("file: a path that is a folder is told with the path, and the app runs on", async () => {
  using folder = new TempFolder();
  mkdirSync(folder.file("app.log"));
  await using program = new ObedientProgram({ sinks: fileSink(folder.file("app.log")) });
  await program.log(10);
  await waitFor("the trouble to be told", () => program.stderr !== "");
  expect(program.stderr).toMatch(/^spillway: sink file: EISDIR: .*app\.log/);
  rmSync(folder.file("app.log"), { recursive: true });
  await program.flush();
  expect(checkSequence(folder.read("app.log"), { counts: { main: 10 } }).problems).toEqual([]);
});

test("file: another program may append to the same file; lines of both stay whole", async () => {
  using folder = new TempFolder();
  const sinks = fileSink(folder.file("app.log"));
  await using one = new ObedientProgram({ sinks });
  await using two = new ObedientProgram({ sinks, from: 20_000 });
  for (let i = 0; i < 20; i++) await Promise.all([one.log(1000), two.log(1000)]);
  await Promise.all([one.end(), two.end()]);
  const lines = folder.read("app.log").toString().split("\n").slice(0, -1);
  expect(new Set(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).size).toBe(40_000);
  expect(lines).toHaveLength(40_000);
});

test("file: sync: true has every record in the file when the call returns, with the same bytes as without", async () => {
  using folder = new TempFolder();
  writeFileSync(folder.file("async.log"), "");
  for (const name of ["sync.log", "async.log"]) {
    const options = { sync: name === "sync.log", timestamp: false };
    await using program = new ObedientProgram({ sinks: fileSink(folder.file(name)), options });
    await program.log(200);
    if (options.sync) expect(checkSequence(folder.read(name), { counts: { main: 200 } }).problems).toEqual([]);
    const outcome = await program.end();
    expect(outcome.code).toBe(0);
  }
  expect(folder.read("sync.log").equals(folder.read("async.log"))).toBe(true);
});
