import { expect, test } from "vitest";
import { runDeaths } from "./worker-deaths.ts";

const FOR_MS = 3000;

test.each([
  ["is terminated", "terminate"],
  ["throws", "throw"],
  ["calls process.exit", "exit"],
  ["reaches its heap limit", "heap"],
  ["spins in an endless loop", "spin"],
])("worker: one that %s every 200 ms loses, doubles and tears nothing, and is replaced within a second", async (_, ends) => {
  const { result, report, stderr } = await runDeaths({ forMs: FOR_MS, everyMs: 200, perTurn: 100, ends });
  expect(report.problems, stderr).toEqual([]);
  expect(report.records).toBe(result.logged);
  expect(result.accounts).toMatchObject({ logged: result.logged, accepted: result.logged, dropped: {} });
  expect(result.accounts.sinks["file"]).toMatchObject({ delivered: result.logged, pending: 0 });
  // Endless loops take half a second each to be found.
  expect(result.respawns).toBeGreaterThanOrEqual(3);
  expect(result.longestGapMs).toBeLessThan(1000);
});

test("worker: one that is terminated while the main thread never yields loses nothing", async () => {
  const { result, report, stderr } = await runDeaths({ forMs: FOR_MS, everyMs: 200, perTurn: 1000, ends: "terminate", isBusy: true });
  expect(report.problems, stderr).toEqual([]);
  expect(result.accounts).toMatchObject({ logged: result.logged, accepted: result.logged, dropped: {} });
  expect(result.exits).toBeGreaterThanOrEqual(1);
  // More than the ring holds: otherwise the calling thread never had to do the work itself.
  expect(result.logged).toBeGreaterThan(200_000);
});
