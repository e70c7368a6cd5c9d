/** Small lives of a logger with critical records, and what is left of them. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, runProgram } from "@spillway/testkit";

export const LOGS: string = fileURLToPath(new URL("programs/logs.mjs", import.meta.url));

export interface LifeOfOne {
  /** The log file. */
  readonly path: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly steps: readonly object[];
  readonly under?: readonly string[];
}

export function inputOf({ path, options = {}, steps }: LifeOfOne): object {
  return { sinks: { file: { type: "file", path } }, options: { critical: {}, ...options }, steps };
}

export async function live(life: LifeOfOne): Promise<Outcome> {
  return runProgram(LOGS, { input: inputOf(life), under: life.under ?? [] });
}

/** Steps that log records at a critical level, with numbers from `from` on. */
export function critical(count: number, from = 0): object[] {
  return Array.from({ length: count }, (_, n) => ({ does: "log", seq: from + n }));
}

/** The files of write-ahead logs whose names begin with a path. */
export function walFiles(walPath: string): string[] {
  const folder = dirname(walPath);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.startsWith(`${basename(walPath)}.`)).map((name) => join(folder, name));
}

/** The number of the entry up to which a log is pruned. */
export function prunedTo(stateFile: string): number {
  const bytes = readFileSync(stateFile);
  return Math.max(bytes.readDoubleLE(40), bytes.readDoubleLE(512 + 40));
}

/** As after a power cut that took away what nobody had synced: once entries were pruned, the log file has been. */
export function losePower(path: string, walPath: string = join(dirname(path), ".spillway", "app.log.wal")): void {
  const states = walFiles(walPath).filter((file) => file.endsWith(".state"));
  if (states.every((file) => prunedTo(file) === 0)) rmSync(path, { force: true });
  const folder = join(dirname(path), ".spillway");
  for (const name of readdirSync(folder)) if (name.endsWith(".ring")) rmSync(join(folder, name));
}
