/** A logger whose sink stands still while more is logged than its ring and its overflow may hold. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runProgram, TempFolder } from "@spillway/testkit";
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
  /** Records that were delivered without a gap before the first one that was not. */
  readonly withoutGap: number;
  /** How many records of each level the lines in the log say were dropped. */
  readonly toldDropped: Readonly<Record<string, number>>;
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
  const { records, withoutGap, toldDropped } = await check(folder.file("app.log"));
  expect(records, outcome.stderr).toBe(accounts.accepted);
  return { calls, stalled, accounts, withoutGap, toldDropped };
}

/** Every line whole, every record once and in order; line by line, because five million of them are too long a string. */
async function check(path: string): Promise<{ records: number } & Pick<Outpouring, "withoutGap" | "toldDropped">> {
  const toldDropped: Record<string, number> = {};
  let [records, withoutGap, last] = [0, 0, -1];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const {
      producer,
      seq,
      levels = {},
    } = JSON.parse(line) as {
      producer?: string;
      seq?: number;
      levels?: Readonly<Record<string, number>>;
    };
    for (const [level, count] of Object.entries(levels)) toldDropped[level] = (toldDropped[level] ?? 0) + count;
    if (producer !== undefined) records++;
    if (producer !== "main") continue;
    if (seq! <= last) throw new Error(`${seq} comes after ${last}`);
    last = seq!;
    if (seq === withoutGap) withoutGap++;
  }
  return { records, withoutGap, toldDropped };
}
