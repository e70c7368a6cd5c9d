import { type RecoveryReport, recoverAll } from "spillway";
import { DAMAGED, FAILED, LEFT_OVER, OK } from "./exit-codes.ts";
import { describeFailure } from "./failure.ts";
import { ProgressBar } from "./progress-bar.ts";
import type { RecoverFlags } from "./recover-flags.ts";
import { failureJson, reportJson } from "./report-json.ts";
import { reportText } from "./report-text.ts";
import { painter } from "./terminal.ts";

/** Answers the exit code. */
export function recoverCommand(path: string, flags: RecoverFlags): number {
  const { output, cleanup, list, mode, json, quiet } = flags;
  const bar = quiet ? undefined : ProgressBar.on(process.stderr);
  let report: RecoveryReport;
  try {
    report = recoverAll(path, {
      ...(output === undefined ? {} : { output, cleanup }),
      dryRun: list,
      mode,
      onProgress: (progress) => bar?.show(progress),
    });
  } catch (error) {
    bar?.clear();
    const failure = describeFailure(error, path);
    process.stderr.write(`spillway: ${failure.message}\n`);
    if (json) process.stdout.write(`${failureJson(failure, FAILED)}\n`);
    return FAILED;
  }
  bar?.clear();
  const code = exitCodeOf(report, list);
  for (const trouble of report.troubles) process.stderr.write(`spillway: ${trouble}\n`);
  if (json) process.stdout.write(`${reportJson(report, flags, code)}\n`);
  else if (!quiet) process.stdout.write(reportText(report, path, flags, painter(process.stdout)));
  return code;
}

/** What is left over is worth another attempt, and damage is there still when that is made. */
function exitCodeOf({ processes, spared }: RecoveryReport, list: boolean): number {
  const isDamaged = processes.some(({ damaged, unreadable }) => damaged.length > 0 || unreadable > 0);
  const isLeft = processes.some(({ complete, damaged }) => !list && !complete && damaged.length === 0);
  if (isLeft || spared.some(({ isInUse }) => !isInUse)) return LEFT_OVER;
  return isDamaged ? DAMAGED : OK;
}
