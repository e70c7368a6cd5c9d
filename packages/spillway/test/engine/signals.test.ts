/** Signals that end a program: with the option `handleSignals`, everything is delivered before they do. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { checkSequence, type Outcome, Program, runProgram, TempFolder, waitFor } from "@spillway/testkit";
import { recoverAll } from "spillway";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/signals.mjs", import.meta.url));
const COUNT = 5000;
const SIGNALS = { SIGTERM: 15, SIGINT: 2, SIGHUP: 1, SIGQUIT: 3 } as const;
type Signal = keyof typeof SIGNALS;
const SIGNAL_NAMES = Object.keys(SIGNALS) as Signal[];

/** SIGQUIT leaves no core file behind. */
const WITHOUT_CORE = ["sh", "-c", 'ulimit -c 0; exec "$@"', "sh"];
const SHELL = ["sh", "-c", 'ulimit -c 0; "$@"; exit $?', "sh"];
const AS_INIT = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--"];

const canBeInit = spawnSync(AS_INIT[0] ?? "", [...AS_INIT.slice(1), "true"]).status === 0;
if (!canBeInit)
  console.warn("SKIPPED: no namespace of processes can be made here, so that no program is the first in one");

function logged(folder: TempFolder, more = {}, options = {}): Record<string, unknown> {
  const sinks = { file: { type: "file", path: folder.file("app.log") } };
  return { sinks, count: COUNT, options: { handleSignals: true, crashSafety: false, ...options }, ...more };
}

function howItEnded({ code, signal }: Outcome): Pick<Outcome, "code" | "signal"> {
  return { code, signal };
}

test.each(SIGNAL_NAMES)(
  "signals: %s delivers everything with handleSignals, and ends the process as it does without a logger",
  async (signal) => {
    using folder = new TempFolder();
    const bare = await runProgram(PROGRAM, { input: { count: COUNT, signal }, under: WITHOUT_CORE });
    const outcome = await runProgram(PROGRAM, { input: logged(folder, { signal }), under: WITHOUT_CORE });
    expect(howItEnded(bare)).toEqual({ code: null, signal });
    expect(howItEnded(outcome), outcome.stderr).toEqual(howItEnded(bare));
    expect(outcome.stderr).toBe("");
    expect(checkSequence(folder.read("app.log"), { counts: { main: COUNT } }).problems).toEqual([]);
  },
);

test.each(SIGNAL_NAMES)(
  "signals: a shell sees the exit code of %s with handleSignals that it sees without a logger",
  async (signal) => {
    using folder = new TempFolder();
    const bare = await runProgram(PROGRAM, { input: { count: COUNT, signal }, under: SHELL });
    const outcome = await runProgram(PROGRAM, { input: logged(folder, { signal }), under: SHELL });
    expect(howItEnded(bare)).toEqual({ code: 128 + SIGNALS[signal], signal: null });
    expect(howItEnded(outcome)).toEqual(howItEnded(bare));
    expect(checkSequence(folder.read("app.log"), { counts: { main: COUNT } }).problems).toEqual([]);
  },
);

test("signals: without handleSignals what was just logged is not in the file", async () => {
  using folder = new TempFolder();
  const input = logged(folder, { signal: "SIGTERM" }, { handleSignals: false });
  expect(howItEnded(await runProgram(PROGRAM, { input }))).toEqual({ code: null, signal: "SIGTERM" });
  expect(checkSequence(folder.read("app.log"), { counts: { main: COUNT } }).counts.missing).toBeGreaterThan(0);
});

test.each(
  SIGNAL_NAMES.flatMap((signal) =>
    (["on", "once"] as const).flatMap((listens) => [true, false].map((first) => [signal, listens, first] as const)),
  ),
)(
  "signals: %s is the program's where it listens itself (%s, before there is a logger: %s)",
  async (signal, listens, first) => {
    using folder = new TempFolder();
    const outcome = await runProgram(PROGRAM, { input: logged(folder, { signal, listens, first }) });
    expect(howItEnded(outcome), outcome.stderr).toEqual({ code: 9, signal: null });
    expect(outcome.stdout.match(/^heard$/gm)).toHaveLength(1);
    expect(checkSequence(folder.read("app.log"), { counts: { main: COUNT + 1 } }).problems).toEqual([]);
  },
);

test.each(SIGNAL_NAMES)(
  "signals: %s waits exitTimeoutMs at most for a sink that takes nothing, and what it lacks comes with the next start",
  async (signal) => {
    using folder = new TempFolder();
    const { sinks, ...rest } = logged(folder, { signal }, { crashSafety: {}, exitTimeoutMs: 1000 });
    const module = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
    const deaf = { type: "module", module, options: { how: "refuse", everywhere: true } };
    const input = { sinks: { deaf, ...(sinks as object) }, ...rest };
    const outcome = await runProgram(PROGRAM, { input, under: WITHOUT_CORE });
    const endedAfterMs = Date.now() - Number(/logged (\d+)/.exec(outcome.stdout)?.[1]);
    expect(howItEnded(outcome), outcome.stderr).toEqual({ code: null, signal });
    expect(outcome.stderr).toContain(`not delivered (deaf: ${COUNT})`);
    expect(endedAfterMs).toBeLessThan(2500);
    expect(checkSequence(folder.read("app.log"), { counts: { main: COUNT } }).problems).toEqual([]);
    // What the deaf sink lacks has nowhere else to go, and no record is doubled by asking.
    expect(recoverAll(folder.path, { dryRun: true }).recovered).toBe(COUNT);
  },
);

test("signals: a second one while the first is answered ends the process at once", async () => {
  using folder = new TempFolder();
  const module = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
  const mark = folder.file("mark");
  const deaf = { type: "module", module, options: { how: "refuse", everywhere: true, mark } };
  const input = { ...logged(folder, {}, { exitTimeoutMs: 20_000 }), sinks: { deaf } };
  await using program = new Program(PROGRAM, { input });
  await program.heard("logged");
  const before = performance.now();
  program.kill("SIGTERM");
  // Sent again and again: two that come at once may be one.
  await waitFor("the end", () => {
    program.kill("SIGINT");
    return program.hasEnded;
  });
  expect(performance.now() - before).toBeLessThan(10_000);
  expect((await program.ended()).signal).toMatch(/^SIG(TERM|INT)$/);
});

test.skipIf(!canBeInit)(
  "signals: the first process of a container lives on as it does without a logger, and its worker too",
  async () => {
    using folder = new TempFolder();
    const bare = await runProgram(PROGRAM, { input: { count: 1, signal: "SIGTERM", survives: true }, under: AS_INIT });
    const input = logged(folder, { signal: "SIGTERM", survives: true });
    const outcome = await runProgram(PROGRAM, { input, under: AS_INIT, killAfterMs: 20_000 });
    expect(howItEnded(bare)).toEqual({ code: 9, signal: null });
    expect(howItEnded(outcome), outcome.stderr).toEqual(howItEnded(bare));
    const main = Number(/^in all (\d+)$/m.exec(outcome.stdout)?.[1]);
    expect(checkSequence(folder.read("app.log"), { counts: { main } }).problems).toEqual([]);
  },
);
