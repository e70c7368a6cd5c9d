import { expect, test } from "vitest";
import { each, runThreads, type ThreadResult, type ThreadRun } from "./app-threads.ts";

/** Every record is in the file once, those of each thread in their order. */
async function runAllThere(run: ThreadRun): Promise<ThreadResult> {
  const result = await runThreads(run);
  expect(result.report.problems, result.outcome.stderr).toEqual([]);
  return result;
}

test("threads: eight that log at once have every record in the file once, each in its own order", async () => {
  const { outcome, said } = await runAllThere({
    threads: 8,
    count: 10_000,
    expected: each(8, 10_000, { main: 10_000 }),
  });
  expect(said?.accounts).toMatchObject({ accepted: 90_000, dropped: {} });
  expect(outcome.stderr).toBe("");
});

test("threads: nested ones log into the same file without being told of it", async () => {
  const nested = Object.fromEntries(Array.from({ length: 3 }, (_, n) => [`t${n}/nested`, 2000]));
  await runAllThere({
    scenario: "nested",
    threads: 3,
    count: 2000,
    expected: each(3, 2000, nested),
  });
});

test("threads: one that calls process.exit loses nothing and keeps its exit code", async () => {
  const { outcome } = await runAllThere({ scenario: "exits", threads: 4, count: 5000, expected: each(4, 5000) });
  expect(outcome.stdout).toContain("codes [5,5,5,5]");
});

test("threads: what one had logged when it was terminated is in the file", async () => {
  await runAllThere({
    scenario: "terminated",
    threads: 12,
    count: 3000,
    expected: each(12, 3000),
  });
});

test("threads: one that logs in its exit handler has those records in the file", async () => {
  await runAllThere({
    scenario: "logsAtExit",
    threads: 4,
    count: 1000,
    expected: each(4, 1010),
  });
});

test("threads: one that was there before the logger writes whole lines into the same file by an engine of its own", async () => {
  await runAllThere({
    scenario: "before",
    threads: 1,
    count: 20_000,
    expected: each(1, 20_000, { main: 20_000 }),
  });
});

test("threads: fifty one after the other use the same few lanes", async () => {
  const { outcome, said } = await runAllThere({
    scenario: "inTurn",
    threads: 50,
    count: 500,
    options: { lanes: 2 },
    expected: each(50, 500),
  });
  expect(outcome.stderr).toBe("");
  expect(said?.lanesInUse).toBe(1);
});

test("threads: shutdown in one ends nothing for the others", async () => {
  await runAllThere({
    scenario: "shutsDown",
    threads: 5,
    count: 1000,
    expected: each(5, 1000),
  });
});

test("threads: more than there are lanes lose nothing, and it is told once", async () => {
  const { outcome } = await runAllThere({
    scenario: "crowd",
    threads: 5,
    count: 2000,
    options: { lanes: 2 },
    expected: each(5, 4000),
  });
  expect(outcome.stderr.match(/all 2 lanes are taken/g)?.length ?? 0).toBe(1);
});

test("threads: the end of the process waits for none that goes on logging", async () => {
  const { outcome, endedAt } = await runAllThere({
    scenario: "main-exits",
    threads: 3,
    count: 100_000_000,
    expected: each(3, Number.POSITIVE_INFINITY, { main: 1000 }),
  });
  expect(outcome.code).toBe(6);
  expect(endedAt - Number(/ends at (\d+)/.exec(outcome.stdout)?.[1])).toBeLessThan(3000);
});
