/** Runs a program whose drain worker dies again and again, and says what is wrong with its file. */
import { fileURLToPath } from "node:url";
import { checkSequence, runProgram, type SequenceReport, TempFolder } from "@spillway/testkit";

const PROGRAM = fileURLToPath(new URL("programs/deaths.mjs", import.meta.url));
const SINK = new URL("fixtures/dying-sink.mjs", import.meta.url).href;

interface Usage {
  readonly fds: number;
  readonly rss: number;
  readonly threads: number;
}

interface Result {
  readonly logged: number;
  readonly accounts: {
    readonly logged: number;
    readonly accepted: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly sinks: Readonly<Record<string, { readonly delivered: number; readonly pending: number }>>;
  };
  readonly exits: number;
  readonly before: Usage;
  readonly after: Usage;
  /** How long nothing arrived, each time. */
  readonly outages: readonly number[];
  readonly respawns: number;
}

export interface Deaths {
  readonly forMs: number;
  readonly everyMs: number;
  readonly perTurn: number;
  /** `terminate` from the app; otherwise a sink does it: throw, exit, heap, spin. */
  readonly ends: string;
  readonly isBusy?: boolean;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Half of the outages are shorter. The longest say more of a busy machine than of the logger. */
export function usualOutage({ outages }: { readonly outages: readonly number[] }): number {
  return [...outages].sort((a, b) => a - b)[Math.floor(outages.length / 2)] ?? 0;
}

export async function runDeaths(deaths: Deaths): Promise<{ result: Result; report: SequenceReport; stderr: string }> {
  using folder = new TempFolder();
  const { ends, everyMs } = deaths;
  const sinks = {
    ...(ends === "terminate" ? {} : { dying: { type: "module", module: SINK, options: { how: ends, everyMs } } }),
    file: { type: "file", path: folder.file("app.log") },
  };
  const outcome = await runProgram(PROGRAM, {
    input: { ...deaths, sinks },
    // Small, so that a worker reaches its limit soon.
    nodeArgs: ends === "heap" ? ["--max-old-space-size=64"] : [],
    killAfterMs: deaths.forMs + 30_000,
  });
  const line = /^result (.*)$/m.exec(outcome.stdout)?.[1];
  if (line === undefined || outcome.code !== 0)
    throw new Error(`code ${outcome.code}: ${outcome.stdout}${outcome.stderr}`);
  const result = JSON.parse(line) as Result;
  return {
    result,
    report: checkSequence(folder.read("app.log"), { counts: { main: result.logged } }),
    stderr: outcome.stderr,
  };
}
