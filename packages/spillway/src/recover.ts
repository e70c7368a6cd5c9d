import { closeSync, constants, openSync, unlinkSync, writeSync } from "node:fs";
import { ConfigError, type NamedSinkSpec, type RingDamage, type RingGroup } from "@spillway/core";
import { letGo, loadRecovery, takeLeftovers } from "@spillway/host";
import { drainCode } from "./drain-code.ts";

export interface RecoverOptions {
  /** A file that gets all records, appended. Default: the files they were meant for. */
  readonly output?: string;
  /** With `output`: remove the ring files when all is written. Without, they are always removed then. Default false. */
  readonly cleanup?: boolean;
  /** Called now and then, and at the end of each process's files. */
  readonly onProgress?: (progress: RecoverProgress) => void;
}

export interface RecoverProgress {
  readonly processes: number;
  readonly ofProcesses: number;
  /** So far. */
  readonly records: number;
}

/** What one dead process left, and what came of it. */
export interface RecoveredProcess {
  readonly pid: number;
  readonly files: readonly string[];
  /** Records delivered. */
  readonly recovered: number;
  /** Of them: lines in the place of records that could not be read. */
  readonly unreadable: number;
  /** Files in which nothing could be found, where they lie now. */
  readonly damaged: readonly string[];
  /** What was not as it was written: in which file, at which bytes, and how many frames are missing because of it. */
  readonly damage: readonly RingDamage[];
  /** Files that were left alone: of a later version, or without a readable page that says where their records go. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
  /** False: something is left for another attempt. */
  readonly complete: boolean;
}

export interface RecoveryReport {
  /** Over all processes. */
  readonly recovered: number;
  readonly processes: readonly RecoveredProcess[];
  /** Files that were left alone, and why: their process lives, or cannot be judged from here. */
  readonly spared: readonly { readonly path: string; readonly reason: string }[];
  /** What stood in the way, in words. */
  readonly troubles: readonly string[];
}

/**
 * Delivers what processes that were killed had accepted: `path` is a folder of ring files, a folder of logs, a log file
 * or one ring file. Processes that live are left alone. Can be repeated, and be killed at any moment: every record comes
 * once into the file it was meant for; into `output` it comes once per attempt, unless `cleanup` ended it.
 *
 * Throws what the file system says of a path that is not there, and of an output that cannot be written.
 */
export function recoverAll(path: string, options: RecoverOptions = {}): RecoveryReport {
  if (typeof path !== "string" || path === "")
    throw new ConfigError(["recoverAll: expected the path of a folder or a file"]);
  const { groups, spared } = takeLeftovers(path);
  const troubles: string[] = [];
  const processes: RecoveredProcess[] = [];
  let records = 0;
  try {
    for (const group of groups) {
      const progress = (more: number): void =>
        options.onProgress?.({ processes: processes.length, ofProcesses: groups.length, records: records + more });
      progress(0);
      const done =
        options.output === undefined
          ? intoSinks(group, troubles)
          : intoFile(group, options.output, options.cleanup === true, progress);
      processes.push(done);
      records += done.recovered;
      progress(0);
    }
  } finally {
    for (const group of groups) letGo(group);
  }
  return { recovered: records, processes, spared, troubles };
}

/**
 * The records that a killed process had accepted and not delivered everywhere, as objects; the files stay as they are.
 * `path` as for `recoverAll`.
 */
export async function* recoverFrom(path: string): AsyncGenerator<Record<string, unknown>> {
  const { groups } = takeLeftovers(path);
  try {
    for (const group of groups) {
      for (const { text } of loadRecovery(drainCode).extract(group).lines) {
        for (const line of text.toString("utf8").split("\n")) {
          if (line !== "") yield parse(line);
        }
        // A reader of a gigabyte lets others have a turn now and then.
        await new Promise(setImmediate);
      }
    }
  } finally {
    for (const group of groups) letGo(group);
  }
}

function intoSinks(group: RingGroup, troubles: string[]): RecoveredProcess {
  // What was meant for a pipe or for a sink of somebody's own has nowhere to go here.
  const redirect = (sink: NamedSinkSpec): NamedSinkSpec | undefined => (sink.spec.type === "file" ? sink : undefined);
  const { isComplete, ...rest } = loadRecovery(drainCode).replayByHand(group, redirect, (message) => {
    troubles.push(message);
  });
  return { pid: group.pid, files: group.files.map((file) => file.path), ...rest, complete: isComplete };
}

function intoFile(
  group: RingGroup,
  output: string,
  cleanup: boolean,
  progress: (records: number) => void,
): RecoveredProcess {
  const { lines, damaged, damage } = loadRecovery(drainCode).extract(group);
  const fd = openSync(output, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o640);
  let recovered = 0;
  let unreadable = 0;
  try {
    for (const batch of lines) {
      for (let at = 0; at < batch.text.length; ) at += writeSync(fd, batch.text, at);
      recovered += batch.records;
      unreadable += batch.unreadable;
      progress(recovered);
    }
  } finally {
    closeSync(fd);
  }
  const unusable = damaged.map((file) => file.path);
  const whole = group.files.filter((file) => !unusable.includes(file.path));
  if (cleanup) for (const { path } of whole) unlinkSync(path);
  return {
    pid: group.pid,
    files: group.files.map((file) => file.path),
    recovered,
    unreadable,
    damaged: unusable,
    damage,
    refused: [],
    complete: unusable.length === 0,
  };
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // A line of a form of the user's own.
    return { line };
  }
}
