/** Kills a small life of a logger at its k-th system call of a kind, and its recovery at each of its own. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Acknowledged, checkSequence, runProgram, TempFolder } from "@spillway/testkit";
import { leftOf, type RecoveredBy } from "./recover.ts";

const PROGRAM = fileURLToPath(new URL("programs/steps.mjs", import.meta.url));
const RECOVERS = fileURLToPath(new URL("programs/recovers.mjs", import.meta.url));
/** Of a mirrored lane, what was logged in the turn under way may be lost: here two of 150. */
const TURN = 301;

export const canTrace = spawnSync("strace", ["-f", "-e", "trace=write", "true"]).status === 0;

/** Calls on the log, of whichever thread writes it, and those that make, note and remove ring files. */
const ON_THE_LOG = ["openat", "statx", "write"];
const ON_RING_FILES = ["mkdir", "flock", "pwrite64", "rename", "unlink"];
const OF_A_RECOVERY = ["write", "pwrite64", "statx", "unlink", "openat", "flock"];

export type Tier = "mmap" | "mirror";

interface Point {
  readonly call: string;
  readonly at: number;
  readonly tier: Tier;
  readonly by: RecoveredBy;
  /** The call at which the recovery is killed: at its first one, then at its second, ... until it comes to its end. */
  readonly recoveryCall: string | undefined;
}

interface Seen {
  /** False: the life has fewer such calls. */
  readonly wasKilled: boolean;
  readonly recoveriesKilled: number;
  readonly problems: readonly string[];
}

async function dieAt({ call, at, tier, by, recoveryCall }: Point): Promise<Seen> {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const acknowledged = new Acknowledged(folder.file("acknowledged"));
  const sinks = { file: { type: "file", path } };
  const options = { ringBytes: 64 * 1024, maxBlockMs: 60_000, crashSafety: { tier } };
  const dying = (name: string, k: number): string[] => [
    "strace",
    ...["-f", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", `trace=${name}`],
    ...["-e", `inject=${name}:signal=SIGKILL:when=${k}`],
    ...(ON_THE_LOG.includes(name) ? ["-P", path] : []),
  ];
  const input = { sinks, options, acknowledged: acknowledged.path };
  const life = await runProgram(PROGRAM, { input, under: dying(call, at) });
  const problems: string[] = [];
  if (life.stderr !== "") problems.push(`the life said: ${life.stderr}`);
  const recover = async (under: readonly string[]): Promise<boolean> => {
    const { signal, code, stdout, stderr } = await runProgram(RECOVERS, { input: { by, path, sinks }, under });
    if (signal === "SIGKILL") return false;
    if (code !== 0 || stderr !== "") problems.push(`recovery (${under.at(-1)}): code ${code}, ${stdout}${stderr}`);
    return true;
  };
  let recoveriesKilled = 0;
  while (recoveryCall !== undefined && !(await recover(dying(recoveryCall, recoveriesKilled + 1)))) recoveriesKilled++;
  await recover([]);
  const called = acknowledged.calls(0);
  const isMirror = tier === "mirror";
  const report = checkSequence(folder.read("app.log"), {
    counts: { main: isMirror ? Math.max(0, called - TURN) : called },
    mayHaveMore: { main: isMirror ? TURN + 1 : 1 },
    isRight: ({ size, text }) => typeof text === "string" && text.length === size,
    mayBe: ({ unreadable, msg }) => unreadable === undefined && !/could not be read/.test(String(msg)),
  });
  const left = leftOf(path).filter((name) => name.endsWith(".ring"));
  return {
    wasKilled: life.signal === "SIGKILL",
    recoveriesKilled,
    problems: [...report.problems, ...problems, ...left.map((name) => `${name} was left behind`)],
  };
}

/** Every call of each kind, until there are no more. `every`: the recovery of each so-many-th point is killed too, at calls of kinds in turn. */
export async function dieEverywhere(
  tier: Tier,
  every: number,
  from = 0,
): Promise<{ points: number; recoveriesKilled: number; problems: readonly string[] }> {
  const problems: string[] = [];
  let points = 0;
  let recoveriesKilled = 0;
  const calls = [...ON_THE_LOG, ...ON_RING_FILES];
  const worker = async (): Promise<void> => {
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
      for (let at = 1; ; at++) {
        const by = points % 2 === 0 ? "start" : "recoverAll";
        const killed = Math.floor(points / every + from) % OF_A_RECOVERY.length;
        const recoveryCall = points % every === 0 ? OF_A_RECOVERY[killed] : undefined;
        const point = { call, at, tier, by, recoveryCall } as const;
        points++;
        const seen = await dieAt(point);
        recoveriesKilled += seen.recoveriesKilled;
        problems.push(...seen.problems.map((problem) => `${JSON.stringify(point)}: ${problem}`));
        if (seen.wasKilled) continue;
        points--;
        break;
      }
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return { points, recoveriesKilled, problems };
}
