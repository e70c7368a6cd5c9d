import { fileURLToPath } from "node:url";
import { checkSequence, type Outcome, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/flush.mjs", import.meta.url));
const MISBEHAVING = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;

interface Run {
  /** What the scenario saw. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly outcome: Outcome;
  readonly text: Buffer;
}

async function run(
  scenario: string,
  options: Readonly<Record<string, unknown>> = {},
  hasStalled = false,
): Promise<Run> {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const opens = folder.file("opens");
  const stalled = { type: "module", module: MISBEHAVING, options: { how: "refuse", until: opens, everywhere: true } };
  const sinks = { file: { type: "file", path }, ...(hasStalled ? { stalled } : {}) };
  const outcome = await runProgram(PROGRAM, { input: { scenario, sinks, path, opens, options } });
  const line = /^result (.*)$/m.exec(outcome.stdout)?.[1];
  if (line === undefined) throw new Error(outcome.stdout + outcome.stderr);
  return { said: JSON.parse(line) as Record<string, unknown>, outcome, text: folder.read("app.log") };
}

test("flush: resolves when everything logged before it is in the file", async () => {
  const { said } = await run("burst");
  expect(said["seen"]).toEqual(Array.from({ length: 20 }, (_, n) => (n + 1) * 1000));
});

test("flush: rejects with ERR_SPILLWAY_FLUSH_TIMEOUT that names the sink that is behind, and loses nothing by it", async () => {
  const { said, text, outcome } = await run("late", { flushTimeoutMs: 300 }, true);
  expect(said, outcome.stderr).toMatchObject({
    code: "ERR_SPILLWAY_FLUSH_TIMEOUT",
    sinks: ["stalled"],
    retryable: true,
  });
  expect(said["message"]).toContain("300 ms");
  expect(checkSequence(text, { counts: { main: 10 } }).problems).toEqual([]);
});

test("flush: works while the worker is parked, and does not hang on an idle loop", async () => {
  const { said } = await run("parked");
  expect(said["lines"]).toBe(3);
  for (const tookMs of said["tookMs"] as number[]) expect(tookMs).toBeLessThan(500);
});

test("flush: with sync: true rejects just the same", async () => {
  const { said, text, outcome } = await run("late", { sync: true, flushTimeoutMs: 200, maxBlockMs: 10 }, true);
  expect(said, outcome.stderr).toMatchObject({ code: "ERR_SPILLWAY_FLUSH_TIMEOUT", retryable: true });
  expect(said["sinks"]).toContain("stalled");
  expect(checkSequence(text, { counts: { main: 10 } }).problems).toEqual([]);
});

test("idle: the first record after the worker has parked is in the file at once", async () => {
  const { said } = await run("idle");
  expect(said["tookMs"]).toBeLessThan(50);
});

test("shutdown: is idempotent, and a call after it counts as closed and is told once", async () => {
  const { said, outcome } = await run("shutdown");
  expect(said["lines"]).toBe(100);
  expect(said["accounts"]).toMatchObject({ logged: 103, accepted: 100, dropped: { closed: 3 } });
  expect(
    outcome.stderr
      .trim()
      .split("\n")
      .filter((line) => /shut ?down|closed/i.test(line)),
  ).toHaveLength(1);
});

test("shutdown: what is accepted while it waits is delivered, the rest counts as closed", async () => {
  const { said, text } = await run("duringShutdown");
  expect((said["accepted"] as number) + (said["closed"] as number)).toBe(150);
  expect(said["lines"]).toBe(said["accepted"]);
  expect(checkSequence(text, { counts: { main: said["accepted"] as number } }).problems).toEqual([]);
});

test("shutdown: rejects when a sink is behind, and what is pending is tried once more when the process ends", async () => {
  const { said, text, outcome } = await run("shutdownLate", { flushTimeoutMs: 300 }, true);
  expect(said["code"]).toBe("ERR_SPILLWAY_FLUSH_TIMEOUT");
  expect(checkSequence(text, { counts: { main: 10 } }).problems).toEqual([]);
  expect(outcome.stderr).not.toContain("not delivered");
});

test("shutdown: Symbol.asyncDispose does it", async () => {
  const { said } = await run("asyncDispose");
  expect(said["lines"]).toBe(10);
});

test("shutdown: a logger made after it for the same sinks works", async () => {
  const { said, outcome } = await run("again");
  expect(said["lines"], outcome.stderr).toBe(11);
});

test.each(["burst", "parked", "shutdown", "asyncDispose"])(
  "shutdown: the process ends by itself and at once (%s)",
  async (scenario) => {
    const { outcome } = await run(scenario);
    expect(outcome.code).toBe(0);
    expect(outcome.tookMs).toBeLessThan(5000);
  },
);
