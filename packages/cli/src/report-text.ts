/** The result for people: a line per process, one that sums up, and what was left alone. */
import type { RecoveredProcess, RecoveryReport } from "spillway";
import type { RecoverFlags } from "./recover-flags.ts";
import { type State, stateOf } from "./report-state.ts";
import type { Color, Paint } from "./terminal.ts";

const HEAD = ["PROCESS", "RECORDS", "UNREADABLE", "DAMAGED"];
const COLORS: Readonly<Record<State, Color>> = {
  delivered: "green",
  copied: "green",
  waiting: "yellow",
  left: "yellow",
  damaged: "red",
};

export function reportText(report: RecoveryReport, path: string, flags: RecoverFlags, paint: Paint): string {
  const { processes, spared } = report;
  const lines: string[] = [];
  if (processes.length > 0) lines.push(...table(processes, flags, paint));
  lines.push(summary(report, path, flags));
  for (const { damaged } of processes) for (const file of damaged) lines.push(`damaged: ${file}`);
  for (const { path: file, reason } of spared) lines.push(`left alone: ${file}: ${reason}`);
  return lines.map((line) => `${line}\n`).join("");
}

function table(processes: readonly RecoveredProcess[], flags: RecoverFlags, paint: Paint): string[] {
  const rows = processes.map(({ pid, recovered, unreadable, damaged }) =>
    [pid, recovered, unreadable, damaged.length].map((value, column) => (column === 0 ? `${value}` : count(value))),
  );
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ");
  return [
    paint("bold", `${line(HEAD)}  STATE`),
    ...processes.map((one, row) => {
      const state = stateOf(one, flags);
      return `${line(rows[row] ?? [])}  ${paint(COLORS[state], state)}`;
    }),
  ];
}

function summary({ recovered, processes }: RecoveryReport, path: string, { list }: RecoverFlags): string {
  if (processes.length === 0) return `nothing to recover in ${path}`;
  const records = `${count(recovered)} ${recovered === 1 ? "record" : "records"}`;
  const of = `${count(processes.length)} ${processes.length === 1 ? "process" : "processes"}`;
  const into = [...new Set(processes.flatMap((one) => one.into))].join(", ");
  if (list) return `${records} of ${of} wait${into === "" ? "" : ` for ${into}`}`;
  return `recovered ${records} of ${of}${into === "" ? "" : ` into ${into}`}`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
