import { ConfigError, type NamedSinkSpec, type RingDamage, type RingGroup } from "@spillway/core";
import { type DoneFile, letGo, loadRecovery, RecoveryOutput, segmentsOf, sinksOf, takeLeftovers } from "@spillway/host";
import { drainCode } from "./drain-code.ts";

export interface RecoverOptions {
  /** A file that gets all records, appended: all of them or, should it fail, none. Default: the files they were meant for. */
  readonly output?: string;
  /**
   * With `output`: remove the files that were read when all is written; those that were damaged are kept, as `*.bad.TIME`.
   * Without `output` that is always done. Default false.
   */
  readonly cleanup?: boolean;
  /** Nothing is delivered and nothing removed: the report says what is there. Default false. */
  readonly dryRun?: boolean;
  /** Called now and then, and at the end of each process's files. What it throws ends the recovery, to be repeated. */
  readonly onProgress?: (progress: RecoverProgress) => void;
}

export interface RecoverProgress {
  /** Done with. */
  readonly processes: number;
  readonly ofProcesses: number;
  /** So far. */
  readonly records: number;
  /** Of all there is to do, from 0 to 1. */
  readonly share: number;
}

/** What one dead process left, and what came of it. */
export interface RecoveredProcess {
  readonly pid: number;
  /** Its ring files, as they were found. */
  readonly files: readonly string[];
  /** The files its records went to; with `dryRun`, those they are meant for. */
  readonly into: readonly string[];
  /** Records delivered; with `dryRun`, that would be. */
  readonly recovered: number;
  /** Of them: lines in the place of records that could not be read. */
  readonly unreadable: number;
  /** Files in which nothing could be found, where they lie now. */
  readonly damaged: readonly string[];
  /** What was not as it was written: in which file, at which bytes, and how many frames are missing because of it. */
  readonly damage: readonly RingDamage[];
  /**
   * Files that were left alone: of a later version, without a readable page that says where their records go, or segments
   * of the overflow without a readable header.
   */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
  /** False: something is left for another attempt. */
  readonly complete: boolean;
}

/** A file that was left alone. */
export interface SparedFile {
  readonly path: string;
  readonly reason: string;
  /** Its process lives, or somebody recovers it now. False: nobody can tell from here, and somebody should look. */
  readonly isInUse: boolean;
}

export interface RecoveryReport {
  /** Over all processes. */
  readonly recovered: number;
  readonly processes: readonly RecoveredProcess[];
  readonly spared: readonly SparedFile[];
  /** What stood in the way, in words. */
  readonly troubles: readonly string[];
}

/** What is done with the files of one process; `progress` takes records, and the share of the files that is done. */
type Deliver = (group: RingGroup, progress: (records: number, share: number) => void) => RecoveredProcess;

/**
 * Delivers what processes that were killed had accepted: `path` is a folder of ring files, a folder of logs, a log file
 * or one ring file. Processes that live are left alone. Can be repeated, and be killed at any moment: every record comes
 * once into the file it was meant for; into `output` it comes once per attempt, unless `cleanup` ended it.
 *
 * Throws what the file system says of a path that is not there or may not be read, and OutputError for an output that
 * cannot be written.
 */
export function recoverAll(path: string, options: RecoverOptions = {}): RecoveryReport {
  check(path, options);
  const troubles: string[] = [];
  if (options.dryRun === true) return recover(path, options, troubles, look);
  const { output } = options;
  if (output === undefined)
    return recover(path, options, troubles, (group, progress) => intoSinks(group, troubles, progress));
  // First of all: what a killed attempt has brought there already is not to be found again.
  const file = new RecoveryOutput(output);
  try {
    return recover(
      path,
      options,
      troubles,
      (group, progress) => intoFile(group, output, file, progress),
      (done) => {
        file.finish(options.cleanup === true ? done : []);
      },
    );
  } finally {
    file.close();
  }
}

/**
 * The records that a killed process had accepted and not delivered everywhere, as objects; the files stay as they are.
 * `path` as for `recoverAll`.
 */
export async function* recoverFrom(path: string): AsyncGenerator<Record<string, unknown>> {
  check(path, {});
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

function check(path: unknown, { output, onProgress }: RecoverOptions): void {
  const problems: string[] = [];
  if (typeof path !== "string" || path === "") problems.push("path: expected the path of a folder or a file");
  if (output !== undefined && (typeof output !== "string" || output === ""))
    problems.push("output: expected the path of a file");
  if (onProgress !== undefined && typeof onProgress !== "function") problems.push("onProgress: expected a function");
  if (problems.length > 0) throw new ConfigError(problems);
}

/** `finish` is called when all is delivered, with the files that were read, still locked. */
function recover(
  path: string,
  { onProgress }: RecoverOptions,
  troubles: readonly string[],
  deliver: Deliver,
  finish?: (done: readonly DoneFile[]) => void,
): RecoveryReport {
  const { groups, spared } = takeLeftovers(path);
  const processes: RecoveredProcess[] = [];
  let records = 0;
  const tell = (more: number, share: number): void =>
    onProgress?.({
      processes: processes.length,
      ofProcesses: groups.length,
      records: records + more,
      share: (processes.length + share) / groups.length,
    });
  try {
    for (const group of groups) {
      tell(0, 0);
      const done = deliver(group, tell);
      processes.push(done);
      records += done.recovered;
      tell(0, 0);
    }
    finish?.(doneFiles(groups, processes));
  } finally {
    for (const group of groups) letGo(group);
  }
  return { recovered: records, processes, spared, troubles };
}

/** Ring files in which something could be found, and their overflow. */
function doneFiles(groups: readonly RingGroup[], processes: readonly RecoveredProcess[]): DoneFile[] {
  const nothingIn = new Set(
    processes.flatMap(({ damaged, refused }) => [...damaged, ...refused.map(({ path }) => path)]),
  );
  const damaged = new Set(processes.flatMap(({ damage }) => damage.map(({ path }) => path)));
  return groups
    .flatMap(({ files }) => files)
    .filter(({ path }) => !nothingIn.has(path))
    .flatMap((file) => [file.path, ...segmentsOf(file)])
    .filter((path) => !nothingIn.has(path))
    .map((path) => ({ path, isDamaged: damaged.has(path) }));
}

function intoSinks(
  group: RingGroup,
  troubles: string[],
  progress: (records: number, share: number) => void,
): RecoveredProcess {
  const sinks = sinksOf(group);
  const into = filesOf(sinks);
  if (sinks.length > 0 && into.length === 0) {
    // Replayed nowhere they would count as delivered.
    const names = sinks.map(({ name }) => name).join(", ");
    troubles.push(`what process ${group.pid} left was meant for ${names}, and for no file; name an output for it`);
    return { ...look(group), recovered: 0, unreadable: 0, into: [] };
  }
  // Beside a file: what was meant for a pipe or for a sink of somebody's own has nowhere to go here.
  const redirect = (sink: NamedSinkSpec): NamedSinkSpec | undefined => (sink.spec.type === "file" ? sink : undefined);
  const { isComplete, ...rest } = loadRecovery(drainCode).replayByHand(
    group,
    redirect,
    (message) => troubles.push(message),
    progress,
  );
  return { pid: group.pid, files: pathsOf(group), into, ...rest, complete: isComplete };
}

function intoFile(
  group: RingGroup,
  path: string,
  output: RecoveryOutput,
  progress: (records: number, share: number) => void,
): RecoveredProcess {
  const done = read(group, (text, records, soFar, share) => {
    output.write(text, records);
    progress(soFar, share);
  });
  return { ...done, into: [path], complete: done.damaged.length === 0 && done.refused.length === 0 };
}

/** What `recoverAll` would find. */
function look(group: RingGroup): RecoveredProcess {
  return { ...read(group), into: filesOf(sinksOf(group)), complete: false };
}

function read(
  group: RingGroup,
  onLines?: (text: Buffer, records: number, soFar: number, share: number) => void,
): Omit<RecoveredProcess, "into" | "complete"> {
  const { lines, damaged, damage, refused } = loadRecovery(drainCode).extract(group);
  let recovered = 0;
  let unreadable = 0;
  for (const batch of lines) {
    recovered += batch.records;
    unreadable += batch.unreadable;
    onLines?.(batch.text, batch.records, recovered, batch.share);
  }
  return {
    pid: group.pid,
    files: pathsOf(group),
    recovered,
    unreadable,
    damaged: damaged.map(({ path }) => path),
    damage,
    refused,
  };
}

function pathsOf({ files }: RingGroup): string[] {
  return files.map(({ path }) => path);
}

function filesOf(sinks: readonly NamedSinkSpec[]): string[] {
  return sinks.flatMap(({ spec }) => (spec.type === "file" ? [spec.path] : []));
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // A line of a form of the user's own.
    return { line };
  }
}
