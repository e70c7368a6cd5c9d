import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { checkSequence, Program, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { openWal, type SparedFile } from "../../dist/index.js";
import { leftOf, recover } from "../crash/recover.ts";
import { ObedientProgram } from "../engine/obedient-program.ts";
import { critical, inputOf, LOGS, live, losePower, prunedTo, walFiles } from "./lives.ts";

async function recordsOf(path: string): Promise<{ records: Record<string, unknown>[]; spared: readonly SparedFile[] }> {
  await using wal = openWal(path);
  const records: Record<string, unknown>[] = [];
  for await (const record of wal.recover()) records.push(record);
  return { records, spared: wal.spared };
}

const canTrace = spawnSync("strace", ["-f", "-e", "trace=write", "true"]).status === 0;
if (!canTrace) console.warn("SKIPPED: what is synced when is not looked at: there is no strace");

function traced(output: string): string[] {
  const calls = "trace=fdatasync,fsync,write,pwrite64,chdir";
  return ["strace", "-f", "-qq", "-y", "-o", output, "-e", "signal=none", "-e", calls];
}

/** Of a trace: what was done, to which file, in order. */
function callsIn(trace: string): { call: string; file: string }[] {
  return readFileSync(trace, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, call = "", file = ""] = /^\d+ +(\w+)\((?:\d+<([^>]*)>)?/.exec(line) ?? [];
      return call === "" ? [] : [{ call, file }];
    });
}

test.skipIf(!canTrace)(
  "critical: with sync, the record is synced before its call goes on to the sink, and no other level is synced",
  async () => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const trace = folder.file("trace");
    const quiet = ["trace", "debug", "info", "warn"].map((level, seq) => ({ does: "log", level, seq }));
    const steps = [...quiet, { does: "mark", name: "/" }, { does: "log", seq: 4 }, { does: "kill" }];
    await live({ path, options: { sync: true, level: "trace" }, steps, under: traced(trace) });
    const calls = callsIn(trace);
    const mark = calls.findIndex(({ call }) => call === "chdir");
    expect(mark).toBeGreaterThan(0);
    const isSync = ({ call }: { call: string }): boolean => call.endsWith("sync");
    expect(calls.slice(0, mark).filter(isSync)).toEqual([]);
    expect(calls.slice(0, mark).filter(({ file }) => file === path)).toHaveLength(4);
    const after = calls.slice(mark);
    const isSegment = ({ file }: { file: string }): boolean => /\.wal\.\d+\.[0-9a-f]{8}\.0\.00000001$/.test(file);
    const written = after.findLastIndex((one) => one.call !== "fdatasync" && isSegment(one));
    const synced = after.findIndex((one) => one.call === "fdatasync" && isSegment(one));
    const delivered = after.findIndex(({ file }) => file === path);
    expect([written >= 0, written < synced, synced < delivered]).toEqual([true, true, true]);
    expect(folder.read("app.log").toString()).toContain("record 4");
  },
);

test("critical: what durable() has resolved for is delivered by the next start when log and ring file are gone", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const steps = [...critical(50), { does: "durable" }, { does: "say", line: "durable" }, { does: "kill" }];
  const { stdout } = await live({ path, steps });
  expect(stdout).toBe("durable\n");
  losePower(path);
  await recover("start", path);
  // A start that has no critical records itself leaves those of others alone: it does not know of them.
  expect(folder.read("app.log").toString()).not.toContain("record 0");
  await recover("recoverAll", path);
  const { problems, records } = checkSequence(folder.read("app.log"), { counts: { main: 50 } });
  expect(problems).toEqual([]);
  expect(records).toBe(50);
  expect(leftOf(path)).toEqual([]);
});

test("critical: a start with the same walPath delivers what a dead process's log holds, once, and removes it", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const options = { critical: { walPath: folder.file("own", "app.wal") } };
  await live({ path, options, steps: [...critical(20), { does: "durable" }, { does: "kill" }] });
  expect(walFiles(folder.file("own", "app.wal"))).toHaveLength(3);
  losePower(path, folder.file("own", "app.wal"));
  const next = await live({ path, options, steps: [{ does: "flush" }, ...critical(1, 20), { does: "shutdown" }] });
  expect([next.code, next.stderr]).toEqual([0, ""]);
  const { problems, records } = checkSequence(folder.read("app.log"), { counts: { main: 21 } });
  expect(problems).toEqual([]);
  expect(records).toBe(21);
  expect(walFiles(folder.file("own", "app.wal"))).toEqual([]);
});

test("critical: entries are pruned when every sink has the record and the log file is synced, in this order", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const trace = folder.file("trace");
  const steps = [...critical(3), { does: "durable" }, { does: "say", line: "durable" }, { does: "stay" }];
  await using program = new Program(LOGS, { input: inputOf({ path, steps }), under: canTrace ? traced(trace) : [] });
  await program.heard("durable");
  const pruned = (): number => {
    const state = walFiles(folder.file(".spillway", "app.log.wal")).find((file) => file.endsWith(".state"));
    return state === undefined ? -1 : prunedTo(state);
  };
  await waitFor("the pruning", () => pruned() === 3);
  expect(checkSequence(folder.read("app.log"), { counts: { main: 3 } }).problems).toEqual([]);
  program.kill();
  await program.ended();
  if (canTrace) {
    const calls = callsIn(trace);
    const delivered = calls.findIndex(({ call, file }) => call === "write" && file === path);
    const synced = calls.findIndex(({ call, file }) => call === "fdatasync" && file === path);
    const stored = calls.findIndex(({ call, file }) => call === "pwrite64" && file.endsWith(".state"));
    expect([delivered >= 0, delivered < synced, synced < stored]).toEqual([true, true, true]);
  }
  // Nothing is left that nobody is known to have.
  expect((await recordsOf(folder.file(".spillway", "app.log.wal"))).records).toEqual([]);
});

test.skipIf(!canTrace)(
  "critical: a log file that was renamed is synced under its new name before entries are pruned",
  async () => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const trace = folder.file("trace");
    const steps = [
      ...critical(3),
      { does: "flush" },
      { does: "rename", from: path, to: `${path}.1` },
      { does: "say", line: "renamed" },
      { does: "stay" },
    ];
    await using program = new Program(LOGS, { input: inputOf({ path, steps }), under: traced(trace) });
    await program.heard("renamed");
    const stateOf = (): string | undefined =>
      walFiles(folder.file(".spillway", "app.log.wal")).find((file) => file.endsWith(".state"));
    await waitFor("the pruning", () => {
      const state = stateOf();
      return state !== undefined && prunedTo(state) === 3;
    });
    program.kill();
    await program.ended();
    const synced = callsIn(trace).filter(({ call, file }) => call === "fdatasync" && file.startsWith(path));
    expect(synced.map(({ file }) => file)).toContain(`${path}.1`);
  },
);

test.each(["end", "exit", "throw"])(
  "critical: a program that ends without another word (%s) has delivered its records and leaves no log",
  async (end) => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const { code, signal } = await live({ path, steps: [...critical(100), { does: end }] });
    expect([code, signal]).toEqual([{ end: 0, exit: 3, throw: 1 }[end], null]);
    expect(checkSequence(folder.read("app.log"), { counts: { main: 100 } }).problems).toEqual([]);
    expect(leftOf(path)).toEqual([]);
  },
);

test("critical: a sink that stands still keeps entries from being pruned, and the end of the process leaves them", async () => {
  using folder = new TempFolder();
  // Nobody reads it.
  const path = folder.file("log.fifo");
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  const walPath = folder.file("app.wal");
  const options = { critical: { walPath }, exitTimeoutMs: 100 };
  // Longer than it takes until entries are pruned.
  const steps = [...critical(2), { does: "durable" }, { does: "pause", ms: 1500 }];
  const { stderr } = await live({ path, options, steps });
  expect(stderr).toContain("records not delivered");
  const { records } = await recordsOf(walPath);
  expect(records.map(({ msg }) => msg)).toEqual(["record 0", "record 1"]);
});

test.skipIf(!canTrace)(
  "openWal: an entry of a process killed between its log and its sink comes back, and is delivered once",
  async () => {
    for (const by of ["start", "recoverAll"] as const) {
      using folder = new TempFolder();
      const path = folder.file("app.log");
      const walPath = folder.file("app.wal");
      const inject = ["-e", "trace=write", "-e", "inject=write:signal=SIGKILL:when=1", "-P", path];
      const under = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", ...inject];
      const options = { sync: true, critical: { walPath } };
      const { signal } = await live({ path, options, steps: critical(3), under });
      expect(signal).toBe("SIGKILL");
      const left = await recordsOf(walPath);
      expect(left.records).toMatchObject([
        { level: 50, msg: "record 0", producer: "main", seq: 0, time: expect.any(Number) },
      ]);
      await recover(by, path);
      const { problems, records } = checkSequence(folder.read("app.log"), { counts: { main: 1 } });
      expect(problems).toEqual([]);
      expect(records).toBe(1);
      expect(walFiles(walPath)).toEqual([]);
    }
  },
);

test("critical: logs of living processes are left alone", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const steps = [...critical(2), { does: "durable" }, { does: "say", line: "durable" }, { does: "stay" }];
  await using program = new Program(LOGS, { input: inputOf({ path, steps }) });
  await program.heard("durable");
  const before = walFiles(folder.file(".spillway", "app.log.wal"));
  expect(before).toHaveLength(3);
  const other = await live({ path, steps: [...critical(1, 2), { does: "shutdown" }] });
  expect([other.code, other.stderr]).toEqual([0, ""]);
  expect(walFiles(folder.file(".spillway", "app.log.wal"))).toEqual(before);
  const { records, spared } = await recordsOf(folder.file(".spillway", "app.log.wal"));
  expect(records).toEqual([]);
  expect(spared).toMatchObject([{ isInUse: true }]);
});

test("critical: where no log can be made, each record is counted, told once, and durable() rejects", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const sinks = { file: { type: "file", path } };
  // Beneath a file there can be no folder.
  const options = { critical: { walPath: folder.file("app.log", "app.wal") } };
  await using program = new ObedientProgram({ sinks, options });
  await program.log(10);
  await program.flush();
  await program.durable();
  await program.log(30, 0, "error");
  await expect(program.durable()).rejects.toThrow("ERR_SPILLWAY_UNDURABLE");
  await program.durable();
  await program.flush();
  const { accepted, undurable } = await program.accounts();
  expect({ accepted, undurable }).toEqual({ accepted: 40, undurable: 30 });
  expect(program.stderr.match(/cannot be made durable/g)).toHaveLength(1);
  expect(checkSequence(folder.read("app.log"), { counts: { main: 40 } }).problems).toEqual([]);
  expect((await program.end()).code).toBe(0);
});

test("critical: without it durable() resolves at once, and nothing is synced or kept", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const { code } = await live({ path, options: { critical: undefined }, steps: [...critical(5), { does: "durable" }] });
  expect(code).toBe(0);
  expect(existsSync(folder.file(".spillway", "app.log.wal"))).toBe(false);
  expect(leftOf(path)).toEqual([]);
});

test.skipIf(!canTrace)(
  "critical: a sync that fails is not repeated; what cannot be synced elsewhere either is counted, and later ones are synced",
  async () => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const sinks = { file: { type: "file", path } };
    // Of the calling thread, where strace counts: the owner page and the state are synced when the log is opened, then the segment, then the one that follows it.
    const inject = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=3..4"];
    const under = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", ...inject];
    await using program = new ObedientProgram({ sinks, options: { sync: true, critical: {} }, under });
    await program.log(1, 0, "error");
    await expect(program.durable()).rejects.toThrow("ERR_SPILLWAY_UNDURABLE");
    await program.log(1, 0, "error");
    await program.durable();
    expect((await program.accounts()).undurable).toBe(1);
    expect(program.stderr).toContain("EIO");
    await program.flush();
    expect(checkSequence(folder.read("app.log"), { counts: { main: 2 } }).problems).toEqual([]);
  },
);
