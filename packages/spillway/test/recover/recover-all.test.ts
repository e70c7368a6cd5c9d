/** recoverAll and recoverFrom, as a program uses them. The command's own tests kill them in their middle. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSequence, openDescriptors, runProgram, TempFolder } from "@spillway/testkit";
import { ConfigError, OutputError, type RecoverProgress, recoverAll, recoverFrom } from "spillway";
import { expect, test } from "vitest";
import { ObedientProgram } from "../engine/obedient-program.ts";

/** Of a ring file; see docs/formats/ring.md. */
const FRAMES_OFFSET = 1024 * 1024;

function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

async function crash(folder: TempFolder, count: number): Promise<void> {
  const path = folder.file("app.log");
  expect((await runProgram(program("crash.mjs"), { input: { path, count } })).signal).toBe("SIGKILL");
  rmdirSync(path);
}

function ringFiles(folder: TempFolder): string[] {
  return readdirSync(folder.file(".spillway"));
}

test.each(["recover.mjs", "recover.cjs"])("recoverFrom, recoverAll: from a program of one's own (%s)", async (name) => {
  using folder = new TempFolder();
  await crash(folder, 100);
  const { code, stdout, stderr } = await runProgram(program(name), { input: { path: folder.path } });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '{"read":100,"recovered":100}\n', stderr: "" });
  expect(checkSequence(folder.read("app.log"), { counts: { main: 100 } }).problems).toEqual([]);
});

test("recoverAll: answers what became of each process, and leaves no descriptor open", async () => {
  using folder = new TempFolder();
  await crash(folder, 100);
  const files = ringFiles(folder).map((name) => folder.file(".spillway", name));
  const before = openDescriptors(process.pid);
  const { processes, ...rest } = recoverAll(folder.path);
  expect(rest).toEqual({ recovered: 100, spared: [], troubles: [] });
  expect(processes).toEqual([
    {
      pid: expect.any(Number),
      files,
      into: [folder.file("app.log")],
      recovered: 100,
      unreadable: 0,
      damaged: [],
      damage: [],
      refused: [],
      complete: true,
    },
  ]);
  expect(ringFiles(folder)).toEqual([]);
  expect(recoverAll(folder.path)).toEqual({ recovered: 0, processes: [], spared: [], troubles: [] });
  expect(openDescriptors(process.pid)).toEqual(before);
});

test.each([false, true])("recoverAll: tells its progress, into an output: %s", async (hasOutput) => {
  using folder = new TempFolder();
  await crash(folder, 10_000);
  const told: RecoverProgress[] = [];
  const onProgress = (progress: RecoverProgress): void => void told.push(progress);
  recoverAll(folder.path, { onProgress, ...(hasOutput ? { output: folder.file("all.log") } : {}) });
  expect(told[0]).toEqual({ processes: 0, ofProcesses: 1, records: 0, share: 0 });
  expect(told.at(-1)).toEqual({ processes: 1, ofProcesses: 1, records: 10_000, share: 1 });
  expect(told.length).toBeGreaterThan(4);
  for (const [index, { records, share }] of told.entries()) {
    const { records: before, share: shareBefore } = told[index - 1] ?? { records: 0, share: 0 };
    expect(records >= before && share >= shareBefore && share <= 1).toBe(true);
  }
});

test.each([false, true])(
  "recoverAll: an onProgress that throws ends it, to be repeated; into an output: %s",
  async (hasOutput) => {
    using folder = new TempFolder();
    await crash(folder, 10_000);
    const output = folder.file("all.log");
    const options = hasOutput ? { output, cleanup: true } : {};
    const before = openDescriptors(process.pid);
    const onProgress = ({ records }: RecoverProgress): void => {
      if (records > 0) throw new Error("enough");
    };
    expect(() => recoverAll(folder.path, { ...options, onProgress })).toThrow("enough");
    expect(openDescriptors(process.pid)).toEqual(before);
    expect(ringFiles(folder)).toHaveLength(1);
    expect(existsSync(output) || existsSync(`${output}.partial`)).toBe(false);
    expect(recoverAll(folder.path, options).processes[0]?.complete).toBe(true);
    const log = folder.read(hasOutput ? "all.log" : "app.log");
    expect(checkSequence(log, { counts: { main: 10_000 } }).problems).toEqual([]);
  },
);

test("recoverAll: into an output with cleanup, a file that was damaged in part is kept aside, and the report says where it was", async () => {
  using folder = new TempFolder();
  await crash(folder, 100);
  const [name = ""] = ringFiles(folder);
  const ring = folder.file(".spillway", name);
  const bytes = readFileSync(ring);
  // The header of the second frame, behind 1 MiB of the lane and the first one.
  const second = FRAMES_OFFSET + ((16 + bytes.readInt32LE(FRAMES_OFFSET) + 15) & -16);
  bytes[second + 8]! ^= 1;
  writeFileSync(ring, bytes);
  const output = folder.file("all.log");
  const { processes } = recoverAll(folder.path, { output, cleanup: true });
  expect(processes).toMatchObject([{ unreadable: 1, damaged: [], damage: [{ path: ring, from: second, missing: 1 }] }]);
  const kept = ringFiles(folder);
  expect(kept).toEqual([expect.stringMatching(/\.ring\.bad\.\d+$/)]);
  expect(readFileSync(folder.file(".spillway", kept[0] ?? "")).equals(bytes)).toBe(true);
  const before = folder.read("all.log");
  expect(recoverAll(folder.path, { output, cleanup: true })).toMatchObject({ recovered: 0, processes: [] });
  expect(folder.read("all.log").equals(before)).toBe(true);
});

test("recoverAll: into an output, the records of three processes come in the order of their times", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  // A folder in the place of the log: nothing is delivered.
  mkdirSync(path);
  const sinks = { file: { type: "file", path } };
  const programs = Array.from({ length: 3 }, () => new ObedientProgram({ sinks, options: { crashSafety: {} } }));
  for (let turn = 0; turn < 20; turn++) for (const program of programs) await program.log(5);
  for (const program of programs) {
    process.kill(program.pid, "SIGKILL");
    await program[Symbol.asyncDispose]();
  }
  rmdirSync(path);
  expect(recoverAll(folder.path, { output: folder.file("all.log") }).recovered).toBe(300);
  const lines = folder.read("all.log").toString("utf8").split("\n").slice(0, -1);
  const records = lines.map((line) => JSON.parse(line) as { time: number; seq: number; filler: string });
  const times = records.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  // Each seq is there three times, once per process, and the processes take turns.
  expect(records.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 300 }, (_, index) => Math.floor(index / 3)),
  );
  const backs = records.filter(({ seq }, index) => seq < (records[index - 1]?.seq ?? -1)).length;
  expect(backs).toBeGreaterThan(20);
});

test("recoverAll: a second time into the same output brings nothing, and what died since brings its own", async () => {
  using folder = new TempFolder();
  const output = folder.file("all.log");
  const again = (cleanup = false): number => recoverAll(folder.path, { output, cleanup }).recovered;
  const linesIn = (): number => folder.read("all.log").toString().split("\n").length - 1;
  await crash(folder, 100);
  expect([again(), again(), linesIn()]).toEqual([100, 0, 100]);
  await crash(folder, 50);
  expect([again(), again(), linesIn()]).toEqual([50, 0, 150]);
  // Another file of that name has nothing of it.
  renameSync(output, folder.file("old.log"));
  expect([again(), linesIn()]).toEqual([150, 150]);
  // One that was cut short lacks some of it.
  truncateSync(output, 10);
  expect(again()).toBe(150);
  expect([again(true), ringFiles(folder)]).toEqual([0, []]);
  expect(existsSync(`${output}.recovered`)).toBe(false);
});

test("recoverAll: with dryRun answers what is there, and changes nothing", async () => {
  using folder = new TempFolder();
  await crash(folder, 100);
  const report = recoverAll(folder.path, { dryRun: true, output: folder.file("all.log"), cleanup: true });
  expect(report).toMatchObject({ recovered: 100, processes: [{ recovered: 100, complete: false }] });
  expect(existsSync(folder.file("all.log")) || existsSync(folder.file("app.log"))).toBe(false);
  expect(ringFiles(folder)).toHaveLength(1);
});

test("recoverAll: keeps the permissions of an output that was there, and gives a new one 0640", async () => {
  using folder = new TempFolder();
  await crash(folder, 10);
  writeFileSync(folder.file("old.log"), "", { mode: 0o600 });
  for (const name of ["old.log", "new.log"]) recoverAll(folder.path, { output: folder.file(name) });
  expect(["old.log", "new.log"].map((name) => statSync(folder.file(name)).mode & 0o777)).toEqual([0o600, 0o640]);
});

test("recoverAll: throws for a path that nothing stands for, for an output it cannot write, and for what is no path", () => {
  using folder = new TempFolder();
  const before = openDescriptors(process.pid);
  expect(() => recoverAll(folder.file("nowhere"))).toThrow(expect.objectContaining({ code: "ENOENT" }));
  expect(() => recoverAll(folder.path, { output: folder.path })).toThrow(OutputError);
  mkdirSync(folder.file("x.log.recovering"));
  expect(() => recoverAll(folder.path, { output: folder.file("x.log") })).toThrow(
    expect.objectContaining({
      code: "ERR_SPILLWAY_OUTPUT",
      written: 0,
      cause: expect.objectContaining({ code: "EISDIR" }),
    }),
  );
  expect(() => recoverAll("")).toThrow(ConfigError);
  expect(() => recoverAll(folder.path, { output: 1 as unknown as string })).toThrow(
    "output: expected the path of a file",
  );
  expect(openDescriptors(process.pid)).toEqual(before);
});

test("recoverFrom: given up half way, it leaves the files as they are and nothing open", async () => {
  using folder = new TempFolder();
  await crash(folder, 100);
  const before = openDescriptors(process.pid);
  for await (const record of recoverFrom(folder.file("app.log"))) {
    expect(record).toMatchObject({ level: 30, producer: "main", seq: 0, msg: "a record" });
    break;
  }
  expect(openDescriptors(process.pid)).toEqual(before);
  expect(ringFiles(folder)).toHaveLength(1);
  await expect(recoverFrom(folder.file("nowhere")).next()).rejects.toMatchObject({ code: "ENOENT" });
});
