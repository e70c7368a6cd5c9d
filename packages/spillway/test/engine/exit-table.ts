/** The table of ways to end a program by states of the drain worker; sampled in npm test, whole in the long campaign. */
import { fileURLToPath } from "node:url";
import { checkSequence, type Outcome, runProgram, TempFolder } from "@spillway/testkit";

const PROGRAM = fileURLToPath(new URL("programs/exit.mjs", import.meta.url));
const COUNT = 50_000;
export const EXIT_TIMEOUT_MS = 2000;

/** How the program ends, and how many records it logs on the way out. */
export const ENDS = {
  natural: 0,
  "process.exit": 0,
  throw: 0,
  rejection: 0,
  "exit-code": 0,
  "exit-handler-before": 1,
  "exit-handler-after": 2,
  "exit-handler-throws": 1,
  "uncaught-handler": 1,
} as const;
export type End = keyof typeof ENDS;

interface State {
  /** A second sink, before the file in the order of sinks. */
  readonly bad?: Readonly<Record<string, unknown>>;
  readonly isWarm?: boolean;
  /** The program goes on only when the worker is in that state, and does not yield from then on. */
  readonly isMarked?: boolean;
  readonly nodeArgs?: readonly string[];
}

const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";

export const STATES = {
  alive: { isWarm: true },
  "not up yet": {},
  "forbidden by the permission model": { nodeArgs: [permission, "--allow-fs-read=*", "--allow-fs-write=*"] },
  "spinning in a sink's first write": { bad: { how: "spin" }, isMarked: true },
  "spinning in a later write": { bad: { how: "spin", after: 1 }, isWarm: true, isMarked: true },
  "blocked in a sink's write": { bad: { how: "block" }, isMarked: true },
  "dead, because a sink called process.exit": { bad: { how: "exit" }, isMarked: true },
  "dead, because a sink threw later": { bad: { how: "throw" }, isMarked: true },
  "dead, because a sink threw when it was loaded": { bad: { how: "throw", atLoad: true }, isMarked: true },
  "held up by a sink that refuses everything": { bad: { how: "refuse", everywhere: true } },
  "held up by a sink that cannot be made": { bad: { how: "refuse", atLoad: true, everywhere: true } },
} as const satisfies Record<string, State>;
export type StateName = keyof typeof STATES;

export interface Cell {
  readonly code: number | null;
  readonly expectedCode: number | null;
  readonly problems: readonly string[];
  readonly records: number;
  readonly expectedRecords: number;
  /** From the last record of the burst to the end of the process. */
  readonly endedAfterMs: number;
  readonly stderr: string;
}

const codes = new Map<End, Promise<Outcome>>();

export async function runCell(end: End, name: StateName): Promise<Cell> {
  using folder = new TempFolder();
  const { bad, isWarm = false, isMarked = false, nodeArgs = [] }: State = STATES[name];
  const mark = isMarked ? folder.file("mark") : undefined;
  const module = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
  const sinks = {
    ...(bad === undefined ? {} : { bad: { type: "module", module, options: { ...bad, mark } } }),
    file: { type: "file", path: folder.file("app.log") },
  };
  if (!codes.has(end)) codes.set(end, runProgram(PROGRAM, { input: { count: COUNT, end } }));
  const outcome = await runProgram(PROGRAM, {
    input: { sinks, count: COUNT, end, warm: isWarm, mark, options: { exitTimeoutMs: EXIT_TIMEOUT_MS } },
    nodeArgs,
    killAfterMs: 20_000,
  });
  const endedAt = Date.now();
  const expectedRecords = (isWarm ? 1 : 0) + (isMarked ? 1 : 0) + COUNT + ENDS[end];
  const report = checkSequence(folder.read("app.log"), { counts: { main: expectedRecords } });
  return {
    code: outcome.code,
    expectedCode: (await codes.get(end))?.code ?? null,
    problems: report.problems,
    records: report.records,
    expectedRecords,
    endedAfterMs: endedAt - Number(/ends at (\d+)/.exec(outcome.stdout)?.[1]),
    stderr: outcome.stderr,
  };
}
