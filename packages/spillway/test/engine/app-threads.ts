/** Runs a program whose threads log into one file, and says what is wrong with the file. */
import { fileURLToPath } from "node:url";
import { checkSequence, type Outcome, runProgram, type SequenceReport, TempFolder } from "@spillway/testkit";

const PROGRAM = fileURLToPath(new URL("programs/threads.mjs", import.meta.url));

export interface ThreadRun {
  readonly scenario?: string;
  readonly threads: number;
  readonly count: number;
  readonly options?: Readonly<Record<string, unknown>>;
  /** How many records each producer must have in the file. */
  readonly expected: Readonly<Record<string, number>>;
}

interface Said {
  readonly accounts: { readonly accepted: number; readonly dropped: object };
  readonly lanesInUse: number;
}

export interface ThreadResult {
  readonly report: SequenceReport;
  readonly outcome: Outcome;
  readonly endedAt: number;
  readonly said: Said | undefined;
}

export async function runThreads(run: ThreadRun): Promise<ThreadResult> {
  using folder = new TempFolder();
  const sinks = { file: { type: "file", path: folder.file("app.log") } };
  const { expected, ...input } = run;
  const outcome = await runProgram(PROGRAM, { input: { sinks, ...input } });
  const endedAt = Date.now();
  const line = /^result (.*)$/m.exec(outcome.stdout)?.[1];
  return {
    report: checkSequence(folder.read("app.log"), { counts: expected }),
    outcome,
    endedAt,
    said: line === undefined ? undefined : (JSON.parse(line) as Said),
  };
}

/** The same count for `t0` to `t<threads - 1>`, and whatever else there is. */
export function each(
  threads: number,
  count: number,
  others: Readonly<Record<string, number>> = {},
): Record<string, number> {
  return { ...Object.fromEntries(Array.from({ length: threads }, (_, n) => [`t${n}`, count])), ...others };
}
