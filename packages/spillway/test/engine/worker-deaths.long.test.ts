/** The long form of `worker-deaths.test.ts`: a minute of each death, and what it costs the process. */
import { expect, test } from "vitest";
import { runDeaths, usualOutage } from "./worker-deaths.ts";

const FOR_MS = 60_000;
const MEBIBYTE = 1024 * 1024;

test.each(["terminate", "throw", "exit", "heap", "spin"])(
  "worker: a minute of deaths by %s loses, doubles and tears nothing, and leaves no descriptor, thread or memory behind",
  { timeout: 180_000 },
  async (ends) => {
    const { result, report, stderr } = await runDeaths({ forMs: FOR_MS, everyMs: 200, perTurn: 20, ends });
    expect(report.problems, stderr.slice(0, 2000)).toEqual([]);
    expect(report.records).toBe(result.logged);
    expect(result.accounts).toMatchObject({ logged: result.logged, accepted: result.logged, dropped: {} });
    expect(result.respawns).toBeGreaterThan(25);
    expect(usualOutage(result)).toBeLessThan(1000);
    expect(Math.max(...result.outages)).toBeLessThan(4000);
    expect(result.after.fds).toBeLessThanOrEqual(result.before.fds + 4);
    expect(result.after.threads).toBeLessThanOrEqual(result.before.threads + 2);
    // The ring's pages (8 MiB), once touched, and the garbage of a minute; a worker that stayed would be 10 MiB each.
    expect(result.after.rss - result.before.rss).toBeLessThan(96 * MEBIBYTE);
  },
);

test("worker: a minute of terminations while the main thread never yields loses nothing", {
  timeout: 180_000,
}, async () => {
  const { result, report } = await runDeaths({
    forMs: 20_000,
    everyMs: 200,
    perTurn: 1000,
    ends: "terminate",
    isBusy: true,
  });
  expect(report.problems).toEqual([]);
  expect(result.accounts).toMatchObject({ logged: result.logged, accepted: result.logged, dropped: {} });
});
