/** A logger whose sink stands still while more is logged than its ring and its overflow may hold. */
import { fileURLToPath } from "node:url";
import { checkSequence, runProgram, type SequenceReport, TempFolder } from "@spillway/testkit";
import { expect } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/full.mjs", import.meta.url));
const MISBEHAVING = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
const MEBIBYTE = 1024 * 1024;
/** Node, its drain thread, the ring, the segment that is being written, and what the collector has not yet looked at. */
const RSS = 256 * MEBIBYTE;

interface Account {
  readonly logged: number;
  readonly accepted: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly sinks: Readonly<Record<string, { readonly delivered: number; readonly pending: number }>>;
}

export interface Outpouring {
  readonly calls: Readonly<Record<string, number>>;
  /** When all was logged and nothing delivered. */
  readonly stalled: Account;
  readonly accounts: Account;
  readonly report: SequenceReport;
  /** Numbers of the records that were delivered, in the order of the log. */
  readonly numbers: readonly number[];
}

/** `count` records into a ring of 1 MiB, its sink closed until all of them are logged. */
export async function pourOver(
  count: number,
  options: Readonly<Record<string, unknown>>,
  levels: readonly string[] = ["info"],
): Promise<Outpouring> {
  using folder = new TempFolder();
  const opens = folder.file("opens");
  const refusing = { how: "refuse", until: opens, copy: folder.file("app.log") };
  const outcome = await runProgram(PROGRAM, {
    input: {
      sinks: { out: { type: "module", module: MISBEHAVING, options: refusing } },
      opens,
      count,
      levels,
      watchRss: true,
      options: { ringBytes: MEBIBYTE, crashSafety: { dir: folder.path }, flushTimeoutMs: 600_000, ...options },
    },
    killAfterMs: 900_000,
  });
  const line = /^result (.*)$/m.exec(outcome.stdout)?.[1];
  if (line === undefined) throw new Error(outcome.stdout + outcome.stderr);
  const { calls, stalled, accounts, rss } = JSON.parse(line) as Outpouring & { rss: number };
  expect(rss).toBeLessThan(RSS);
  expect(accounts.sinks["out"]).toMatchObject({ delivered: accounts.accepted, pending: 0 });
  const text = folder.read("app.log");
  const report = checkSequence(text, { counts: { first: 1, main: count, last: 1 }, mayMiss: () => true });
  expect(report.problems, outcome.stderr).toEqual([]);
  expect(report.records).toBe(accounts.accepted);
  const numbers = [...text.toString().matchAll(/"producer":"main","seq":(\d+)/g)].map(([, seq]) => Number(seq));
  return { calls, stalled, accounts, report, numbers };
}

/** How many records of a level the reports in the log say were dropped. */
export function toldDropped({ others }: SequenceReport, level: string): number {
  const reports = others as readonly { readonly levels?: Readonly<Record<string, number>> }[];
  return reports.reduce((sum, { levels }) => sum + (levels?.[level] ?? 0), 0);
}
