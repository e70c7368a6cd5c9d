/** The long form of `app-threads.test.ts`. */
import { expect, test } from "vitest";
import { each, runThreads } from "./app-threads.ts";

test("threads: eight with 50,000 records each have every one in the file once", { timeout: 120_000 }, async () => {
  const { report, outcome } = await runThreads({
    threads: 8,
    count: 50_000,
    expected: each(8, 50_000, { main: 50_000 }),
  });
  expect(report.problems, outcome.stderr).toEqual([]);
});

test("threads: two hundred one after the other use the same few lanes", { timeout: 120_000 }, async () => {
  const { report, outcome, said } = await runThreads({
    scenario: "inTurn",
    threads: 200,
    count: 1000,
    options: { lanes: 1 },
    expected: each(200, 1000),
  });
  expect(report.problems, outcome.stderr).toEqual([]);
  expect(said?.lanesInUse).toBe(1);
});

test("threads: forty that are terminated in turn lose nothing of what they had logged", {
  timeout: 120_000,
}, async () => {
  const { report, outcome } = await runThreads({
    scenario: "terminated",
    threads: 40,
    count: 20_000,
    expected: each(40, 20_000),
  });
  expect(report.problems, outcome.stderr).toEqual([]);
});
