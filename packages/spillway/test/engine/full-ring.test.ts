import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSequence, type Outcome, runProgram, type SequenceReport, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "./obedient-program.ts";

const PROGRAM = fileURLToPath(new URL("programs/full.mjs", import.meta.url));
const MISBEHAVING = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
const MEBIBYTE = 1024 * 1024;

interface Account {
  readonly logged: number;
  readonly accepted: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly sinks: Readonly<
    Record<string, { readonly delivered: number; readonly quarantined: number; readonly pending: number }>
  >;
}

interface Result {
  readonly calls: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly slowCalls: number;
  readonly burstMs: number;
  readonly stalled: Account;
  readonly accounts: Account;
  readonly rss: number;
}

/** A sink that blocks until a file is there, and a file that gets what it takes. */
async function fill(
  folder: TempFolder,
  input: Readonly<Record<string, unknown>>,
  how = "refuse",
): Promise<{ result: Result; outcome: Outcome }> {
  const opens = folder.file("opens");
  const options = { how, sleepMs: 50, until: opens, copy: folder.file("app.log") };
  const sinks = { out: { type: "module", module: MISBEHAVING, options } };
  const outcome = await runProgram(PROGRAM, { input: { sinks, opens, ...input } });
  const line = /^result (.*)$/m.exec(outcome.stdout)?.[1];
  if (line === undefined) throw new Error(outcome.stdout + outcome.stderr);
  return { result: JSON.parse(line) as Result, outcome };
}

function balance(account: Account): void {
  const dropped = Object.values(account.dropped).reduce((sum, count) => sum + count, 0);
  expect(account.logged).toBe(account.accepted + dropped);
  for (const sink of Object.values(account.sinks)) {
    expect(account.accepted).toBe(sink.delivered + sink.quarantined + sink.pending);
  }
}

interface DropReport {
  readonly dropped: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly levels: Readonly<Record<string, number>>;
}

function reports(report: SequenceReport): DropReport[] {
  return report.others.filter((line) => "dropped" in line) as unknown as DropReport[];
}

function sum(records: readonly Readonly<Record<string, number>>[], key: string): number {
  return records.reduce((total, record) => total + (record[key] ?? 0), 0);
}

test("full: with whenFull drop every record is delivered or counted, and the report in band says the same", async () => {
  using folder = new TempFolder();
  const { result, outcome } = await fill(folder, {
    count: 20_000,
    options: { whenFull: "drop", ringBytes: MEBIBYTE / 2 },
  });
  balance(result.stalled);
  balance(result.accounts);
  const { accounts } = result;
  expect(accounts.logged).toBe(20_002);
  expect(accounts.dropped["full"]).toBeGreaterThan(5000);
  expect(accounts.sinks["out"]?.pending).toBe(0);
  const dropped = accounts.dropped["full"] ?? 0;
  const report = checkSequence(folder.read("app.log"), {
    counts: { first: 1, main: 20_000, last: 1 },
    mayMiss: () => true,
  });
  expect(report.problems, outcome.stderr).toEqual([]);
  expect(report.records).toBe(accounts.accepted);
  expect(reports(report).reduce((total, line) => total + line.dropped, 0)).toBe(dropped);
  expect(
    sum(
      reports(report).map(({ reasons }) => reasons),
      "full",
    ),
  ).toBe(dropped);
  // Nothing blocks: the slowest call is one the scheduler interrupted.
  expect(result.slowCalls).toBeLessThan(3);
});

test("full: ERROR and above are dropped last", async () => {
  using folder = new TempFolder();
  const levels = ["info", "info", "info", "info", "info", "info", "info", "info", "info", "error"];
  const { result } = await fill(folder, {
    count: 12_000,
    levels,
    options: { whenFull: "drop", ringBytes: MEBIBYTE / 2 },
  });
  const report = checkSequence(folder.read("app.log"), {
    counts: { first: 1, main: 12_000, last: 1 },
    mayMiss: () => true,
  });
  const told = reports(report).map((line) => line.levels);
  // Info has been dropped for a while when the first error is.
  expect(sum(told, "info")).toBeGreaterThan(1000);
  const errors = result.calls["error"] ?? 0;
  const infos = result.calls["info"] ?? 0;
  expect(sum(told, "error") / errors).toBeLessThan(sum(told, "info") / infos / 2);
});

test("full: with whenFull block a call waits for maxBlockMs, and the next ones not again until something moved", async () => {
  using folder = new TempFolder();
  const { result } = await fill(folder, {
    count: 20_000,
    options: { whenFull: "block", maxBlockMs: 400, ringBytes: MEBIBYTE / 2 },
  });
  balance(result.accounts);
  expect(result.accounts.dropped["timeout"]).toBeGreaterThan(5000);
  expect(result.accounts.sinks["out"]?.pending).toBe(0);
  expect(result.slowestMs).toBeGreaterThanOrEqual(400);
  expect(result.slowestMs).toBeLessThan(900);
  expect(result.slowCalls).toBeLessThan(4);
  expect(result.burstMs).toBeLessThan(2500);
});

test("full: with whenFull block nothing is dropped while the sink is only slow", async () => {
  using folder = new TempFolder();
  const { result, outcome } = await fill(
    folder,
    { count: 20_000, options: { whenFull: "block", ringBytes: 256 * 1024 } },
    "sleep",
  );
  const report = checkSequence(folder.read("app.log"), { counts: { first: 1, main: 20_000, last: 1 } });
  expect(report.problems, outcome.stderr).toEqual([]);
  expect(result.accounts.dropped).toEqual({});
});

test("full: what was dropped is told in band although nothing more is logged", async () => {
  using folder = new TempFolder();
  const opens = folder.file("opens");
  writeFileSync(opens, "");
  const { result } = await fill(
    folder,
    { count: 200_000, bytes: 1000, options: { whenFull: "drop", ringBytes: MEBIBYTE } },
    "none",
  );
  balance(result.accounts);
  const report = checkSequence(folder.read("app.log"), {
    counts: { first: 1, main: 200_000, last: 1 },
    mayMiss: () => true,
  });
  expect(report.problems).toEqual([]);
  expect(reports(report).reduce((total, line) => total + line.dropped, 0)).toBe(result.accounts.dropped["full"] ?? 0);
});

test("full: a million records need no more memory than the ring", async () => {
  const isLong = process.env["SPILLWAY_LONG"] === "1";
  const count = isLong ? 10_000_000 : 1_000_000;
  const outcome = await runProgram(PROGRAM, {
    input: { sinks: { out: { type: "null" } }, count, watchRss: true },
    killAfterMs: 300_000,
  });
  const result = JSON.parse(/^result (.*)$/m.exec(outcome.stdout)?.[1] ?? "{}") as Result;
  expect(result.accounts, outcome.stderr).toMatchObject({ logged: count + 2, accepted: count + 2, dropped: {} });
  // Node, its drain thread, 8 MiB of ring and what the collector has not yet looked at.
  expect(result.rss).toBeLessThan(256 * MEBIBYTE);
}, 300_000);

test("full: with sync a call waits once for a sink that fails, the next ones not again until it has taken everything", async () => {
  using folder = new TempFolder();
  const opens = folder.file("opens");
  const sinks = {
    out: {
      type: "module",
      module: MISBEHAVING,
      options: { how: "refuse", everywhere: true, until: opens, copy: folder.file("app.log") },
    },
  };
  await using program = new ObedientProgram({ sinks, options: { sync: true, maxBlockMs: 400 } });
  expect((await program.log(1)).tookMs).toBeGreaterThanOrEqual(400);
  expect((await program.log(1000)).tookMs).toBeLessThan(400);
  expect(await program.accounts()).toMatchObject({ accepted: 1001, dropped: {}, sinks: { out: { pending: 1001 } } });
  writeFileSync(opens, "");
  // Calls go on, and one of them tries again.
  let accounts = await program.accounts();
  while (accounts.sinks["out"]?.pending !== 0) {
    await program.log(1);
    accounts = await program.accounts();
  }
  expect(checkSequence(folder.read("app.log"), { counts: { main: accounts.accepted } }).problems).toEqual([]);
});
