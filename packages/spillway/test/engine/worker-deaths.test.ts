import { checkSequence, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "./obedient-program.ts";
import { runDeaths, usualOutage } from "./worker-deaths.ts";

const MISBEHAVING = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
const FOR_MS = 4000;

test.each([
  ["is terminated", "terminate"],
  ["throws", "throw"],
  ["calls process.exit", "exit"],
  ["reaches its heap limit", "heap"],
  ["spins in an endless loop", "spin"],
])(
  "worker: one that %s every 200 ms loses, doubles and tears nothing, and is replaced within a second",
  async (_, ends) => {
    const { result, report, stderr } = await runDeaths({ forMs: FOR_MS, everyMs: 200, perTurn: 100, ends });
    expect(report.problems, stderr).toEqual([]);
    expect(report.records).toBe(result.logged);
    expect(result.accounts).toMatchObject({ logged: result.logged, accepted: result.logged, dropped: {} });
    expect(result.accounts.sinks["file"]).toMatchObject({ delivered: result.logged, pending: 0 });
    // Endless loops take half a second each to be found, heaps some time to fill.
    expect(result.respawns).toBeGreaterThanOrEqual(2);
    expect(usualOutage(result)).toBeLessThan(1000);
    expect(Math.max(...result.outages)).toBeLessThan(4000);
    // Each of them had the file open.
    expect(result.after.fds).toBeLessThanOrEqual(result.before.fds + 3);
  },
);

test("worker: one that is terminated while the main thread never yields loses nothing", async () => {
  const { result, report, stderr } = await runDeaths({
    forMs: FOR_MS,
    everyMs: 200,
    perTurn: 1000,
    ends: "terminate",
    isBusy: true,
  });
  expect(report.problems, stderr).toEqual([]);
  expect(result.accounts).toMatchObject({ logged: result.logged, accepted: result.logged, dropped: {} });
  expect(result.exits).toBeGreaterThanOrEqual(1);
  // More than the ring holds: otherwise the calling thread never had to do the work itself.
  expect(result.logged).toBeGreaterThan(200_000);
});

test("worker: a sink that takes longer for every write than it may without a sign of life gets through all the same", async () => {
  using folder = new TempFolder();
  const slow = {
    type: "module",
    module: MISBEHAVING,
    options: { how: "work", workMs: 1000, copy: folder.file("app.log") },
  };
  await using program = new ObedientProgram({ sinks: { slow } });
  await program.log(3000);
  await waitFor(
    "all records",
    () => checkSequence(folder.read("app.log"), { counts: { main: 3000 } }).problems.length === 0,
    20_000,
  );
  expect((await program.accounts()).sinks["slow"]).toMatchObject({ delivered: 3000, pending: 0 });
  await program.kill();
  await program.end();
});

test("worker: one that spins in a timer of a sink while it is parked is found, ended and replaced", async () => {
  using folder = new TempFolder();
  const sinks = {
    spinning: {
      type: "module",
      module: MISBEHAVING,
      options: { how: "spinLater", laterMs: 500, once: folder.file("once") },
    },
    file: { type: "file", path: folder.file("app.log") },
  };
  await using program = new ObedientProgram({ sinks, options: { parkAfterMs: 50 } });
  await program.log(10);
  await waitFor("the timer to spin", () => program.stderr.includes("has not answered"), 5000);
  await program.log(10);
  await program.flush();
  expect(checkSequence(folder.read("app.log"), { counts: { main: 20 } }).problems).toEqual([]);
});
