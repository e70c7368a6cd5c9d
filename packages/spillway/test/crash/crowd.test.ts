import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Acknowledged, checkSequence, Program, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "../engine/obedient-program.ts";
import { canTrace } from "./crash-points.ts";
import { leftOf, recover } from "./recover.ts";

const PROGRAM = fileURLToPath(new URL("programs/crowd.mjs", import.meta.url));
const STEPS = fileURLToPath(new URL("programs/steps.mjs", import.meta.url));
const PROCESSES = 16;
const COUNT = 4000;

test.each(["cluster", "child_process"])(
  "crowd: 16 processes of %s with one log, half of them killed: no line in another, every record once",
  { timeout: 60_000 },
  async (kind) => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const acknowledged = new Acknowledged(folder.file("acknowledged"));
    const sinks = { file: { type: "file", path } };
    // Thirty-two threads on few processors: each gets its turn, but not soon.
    const patient = { maxBlockMs: 60_000, flushTimeoutMs: 60_000, exitTimeoutMs: 60_000 };
    const options = { ringBytes: 64 * 1024, ...patient };
    const input = { kind, sinks, options, acknowledged: acknowledged.path, processes: PROCESSES, count: COUNT };
    const { stdout, stderr } = await runProgram(PROGRAM, { input });
    const codes = JSON.parse(/^result (.*)$/m.exec(stdout)?.[1] ?? "[]") as (string | number)[];
    expect(codes.filter((code) => code === "SIGKILL")).toHaveLength(PROCESSES / 2);
    expect(codes.filter((code) => code === 0)).toHaveLength(PROCESSES);
    expect(stderr).toBe("");
    await recover("recoverAll", path);
    const names = Array.from({ length: 2 * PROCESSES }, (_, cell) => ({ name: `p${cell}`, cell }));
    const counts = Object.fromEntries(names.map(({ name, cell }) => [name, acknowledged.calls(cell)]));
    const { problems } = checkSequence(folder.read("app.log"), {
      counts,
      isRight: ({ text }) => text === "z".repeat(150),
    });
    expect(problems).toEqual([]);
    expect(leftOf(path)).toEqual([]);
  },
);

if (!canTrace) console.warn("SKIPPED: crowd, death between a write and its note: there is no strace here");

test.skipIf(!canTrace).each([
  ["statx", 9],
  ["write", 5],
] as const)(
  "crowd: one that dies at a %s, while another appends before and after it, has each of its records in the log once",
  { timeout: 120_000 },
  async (call, most) => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const sinks = { file: { type: "file", path } };
    await using other = new ObedientProgram({ sinks });
    const counts: Record<string, number> = {};
    let logged = 0;
    for (let at = 1; at <= most; at++) {
      const producer = `dies at ${at}`;
      const acknowledged = new Acknowledged(folder.file(`acknowledged-${at}`));
      const options = { ringBytes: 64 * 1024, maxBlockMs: 60_000 };
      const input = { sinks, options, acknowledged: acknowledged.path, producer };
      const strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", "trace=write,statx"];
      // Between the look at the log's end and the write there is time for another to append.
      const late = ["-e", `inject=write:delay_enter=100000${call === "write" ? `:signal=SIGKILL:when=${at}` : ""}`];
      const dying = call === "write" ? [] : ["-e", `inject=${call}:signal=SIGKILL:when=${at}`];
      await using one = new Program(STEPS, { input, under: [...strace, "-P", path, ...late, ...dying] });
      while (!one.hasEnded) {
        await other.log(10);
        await other.flush();
        logged += 10;
        await pause(20);
      }
      counts[producer] = acknowledged.calls(0);
    }
    await recover("recoverAll", path);
    const mayHaveMore = Object.fromEntries(Object.keys(counts).map((producer) => [producer, 1]));
    const report = checkSequence(folder.read("app.log"), { counts: { ...counts, main: logged }, mayHaveMore });
    expect(report.problems).toEqual([]);
  },
);
