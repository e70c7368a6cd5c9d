/** The one JSON object of `--json`. Members are added, never changed or taken away, without another `version`. */
import type { RecoveryReport } from "spillway";
import type { Failure } from "./failure.ts";
import type { RecoverFlags } from "./recover-flags.ts";
import { stateOf } from "./report-state.ts";

const VERSION = 1;

export function reportJson(report: RecoveryReport, flags: RecoverFlags, exitCode: number): string {
  const { processes, spared, troubles, recovered } = report;
  return JSON.stringify({
    version: VERSION,
    exitCode,
    recovered,
    unreadable: processes.reduce((sum, one) => sum + one.unreadable, 0),
    output: flags.output ?? null,
    processes: processes.map((one) => ({
      pid: one.pid,
      state: stateOf(one, flags),
      recovered: one.recovered,
      unreadable: one.unreadable,
      complete: one.complete,
      into: one.into,
      files: one.files,
      damaged: one.damaged,
    })),
    spared: spared.map(({ path, reason, isInUse }) => ({ path, reason, inUse: isInUse })),
    troubles,
  });
}

export function failureJson({ code, message, path, written }: Failure, exitCode: number): string {
  return JSON.stringify({ version: VERSION, exitCode, error: { code, message, path, written } });
}
