import { ConfigError, type NamedSinkSpec, type RingGroup } from "@spillway/core";
import {
  type DeadWal,
  type DoneFile,
  finishWal,
  hasRing,
  letGoOfRings,
  letGoOfWal,
  linesOfWal,
  loadRecovery,
  RecoveryOutput,
  segmentsOf,
  sinksOf,
  takeWals,
  type WalMode,
} from "@spillway/host";
import { drainCode } from "./drain-code.ts";
import { parseLine } from "./parse-line.ts";
import { addLines, DEFAULT_WAL_MODE, leftoversAt, WAL_MODES, walIntoFile, walIntoSinks } from "./recover-wals.ts";
import type { RecoveredProcess, RecoverOptions, RecoveryReport, SparedFile } from "./recovery-report.ts";

type ExtractedLines =
  ReturnType<ReturnType<typeof loadRecovery>["extract"]>["lines"] extends Generator<infer L> ? L : never;

/** What is done with the files of one process; `progress` takes records, and the share of the files that is done. */
type Deliver = (group: RingGroup, progress: (records: number, share: number) => void) => RecoveredProcess;

/**
 * Delivers what processes that were killed had accepted: `path` is a folder of ring files, a folder of logs, a log file
 * or one ring file. Processes that live are left alone. Can be repeated, and be killed at any moment: every record comes
 * once into the file it was meant for, and once into `output`; what critical records' logs without a ring file hold comes
 * there once per attempt, unless `cleanup` ended it.
 *
 * Throws what the file system says of a path that is not there or may not be read, and OutputError for an output that
 * cannot be written.
 */
export function recoverAll(path: string, options: RecoverOptions = {}): RecoveryReport {
  check(path, options);
  const { output, mode = DEFAULT_WAL_MODE } = options;
  const troubles: string[] = [];
  if (options.dryRun === true)
    return recover(path, options, troubles, { ring: look, wal: (wal) => walIntoFile(wal, mode, undefined) });
  if (output === undefined) {
    return recover(path, options, troubles, {
      ring: (group, progress) => intoSinks(group, troubles, mode, progress),
      wal: (wal) => walIntoSinks(wal, mode, troubles),
    });
  }
  // First of all: what a killed attempt has brought there already is not to be found again.
  const file = new RecoveryOutput(output);
  /** Logs of which everything is in the output. */
  const beside: DeadWal[] = [];
  try {
    return recover(path, options, troubles, {
      ring: (group, progress) => {
        const isThere = file.has(pathsOf(group));
        const done = isThere ? nothingOf(group, output) : intoFile(group, output, file, progress);
        const { lines, wals } = loadRecovery(drainCode).linesBesideRing(group, mode);
        if (isThere) {
          beside.push(...wals);
          return done;
        }
        addLines(
          file,
          lines.map((line) => line.toString("utf8")),
        );
        beside.push(...wals);
        return { ...done, recovered: done.recovered + lines.length };
      },
      wal: (wal) => ({ ...walIntoFile(wal, mode, file), into: [output], complete: true }),
      finish: (done, wals) => {
        file.finish(done, options.cleanup === true);
        // Behind the ring files: a log whose ring is gone is delivered once more, where one that is gone too soon is not.
        if (options.cleanup === true) for (const wal of [...beside, ...wals]) finishWal(wal, []);
      },
    });
  } finally {
    for (const wal of beside) letGoOfWal(wal);
    file.close();
  }
}

/**
 * The records that a killed process had accepted and not delivered everywhere, as objects; the files stay as they are.
 * `path` as for `recoverAll`.
 */
export async function* recoverFrom(path: string): AsyncGenerator<Record<string, unknown>> {
  check(path, {});
  const { groups, logs } = leftoversAt(path);
  const wals: DeadWal[] = [];
  try {
    for (const group of groups) {
      for (const { text } of loadRecovery(drainCode).extract(group).lines) {
        for (const line of text.toString("utf8").split("\n")) {
          if (line !== "") yield parseLine(line);
        }
        // A reader of a gigabyte lets others have a turn now and then.
        await new Promise(setImmediate);
      }
      const beside = loadRecovery(drainCode).linesBesideRing(group, DEFAULT_WAL_MODE);
      wals.push(...beside.wals);
      for (const line of beside.lines) yield parseLine(line.toString("utf8"));
    }
    const left = takeWals(logs).wals;
    wals.push(...left);
    for (const wal of left) {
      if (!hasRing(wal)) for (const line of linesOfWal(wal, DEFAULT_WAL_MODE)) yield parseLine(line);
    }
  } finally {
    for (const group of groups) letGoOfRings(group);
    for (const wal of wals) letGoOfWal(wal);
  }
}

function check(path: unknown, { output, mode, onProgress }: RecoverOptions): void {
  const problems: string[] = [];
  if (typeof path !== "string" || path === "") problems.push("path: expected the path of a folder or a file");
  if (output !== undefined && (typeof output !== "string" || output === ""))
    problems.push("output: expected the path of a file");
  if (mode !== undefined && !WAL_MODES.includes(mode)) problems.push(`mode: expected one of ${WAL_MODES.join(", ")}`);
  if (onProgress !== undefined && typeof onProgress !== "function") problems.push("onProgress: expected a function");
  if (problems.length > 0) throw new ConfigError(problems);
}

/** What is done with what was found. */
interface Way {
  readonly ring: Deliver;
  /** With a log that no ring file goes with; undefined: one goes with it after all. */
  readonly wal: (wal: DeadWal) => RecoveredProcess | undefined;
  /** Called when all is delivered, with the files that were read and the logs, still locked. */
  readonly finish?: (done: readonly DoneFile[], wals: readonly DeadWal[]) => void;
}

function recover(
  path: string,
  { onProgress }: RecoverOptions,
  troubles: readonly string[],
  { ring, wal, finish }: Way,
): RecoveryReport {
  const { groups, spared, logs } = leftoversAt(path);
  const processes: RecoveredProcess[] = [];
  const wals: DeadWal[] = [];
  const sparedWals: SparedFile[] = [];
  let records = 0;
  const tell = (more: number, share: number): void =>
    onProgress?.({
      processes: Math.min(processes.length, groups.length),
      ofProcesses: groups.length,
      records: records + more,
      share: Math.min(1, (processes.length + share) / groups.length),
    });
  try {
    for (const group of groups) {
      tell(0, 0);
      const done = ring(group, tell);
      processes.push(done);
      records += done.recovered;
      tell(0, 0);
    }
    // Those that went with ring files are gone by now, or are looked after by whoever has these.
    const left = takeWals(logs);
    wals.push(...left.wals.filter((one) => !hasRing(one)));
    for (const one of left.wals) if (!wals.includes(one)) letGoOfWal(one);
    sparedWals.push(...left.spared);
    for (const one of wals) {
      const done = wal(one);
      if (done === undefined) continue;
      processes.push(done);
      records += done.recovered;
    }
    finish?.(doneFiles(groups, processes), wals);
  } finally {
    for (const group of groups) letGoOfRings(group);
    for (const one of wals) letGoOfWal(one);
  }
  return { recovered: records, processes, spared: [...spared, ...sparedWals], troubles };
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
  mode: WalMode,
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
    mode,
  );
  return { pid: group.pid, files: pathsOf(group), into, ...rest, complete: isComplete };
}

function intoFile(
  group: RingGroup,
  path: string,
  output: RecoveryOutput,
  progress: (records: number, share: number) => void,
): RecoveredProcess {
  let from: number | undefined;
  const done = read(group, ({ text, records, lane, times, share }, soFar) => {
    if (lane !== from) output.beginSource();
    from = lane;
    output.add(text, records, times);
    progress(soFar, share);
  });
  return { ...done, into: [path], complete: done.damaged.length === 0 && done.refused.length === 0 };
}

/** An earlier recovery has brought it there. */
function nothingOf(group: RingGroup, output: string): RecoveredProcess {
  const none = { recovered: 0, unreadable: 0, damaged: [], damage: [], refused: [] };
  return { pid: group.pid, files: pathsOf(group), into: [output], ...none, complete: true };
}

/** What `recoverAll` would find. */
function look(group: RingGroup): RecoveredProcess {
  return { ...read(group), into: filesOf(sinksOf(group)), complete: false };
}

function read(
  group: RingGroup,
  onLines?: (lines: ExtractedLines, soFar: number) => void,
): Omit<RecoveredProcess, "into" | "complete"> {
  const { lines, damaged, damage, refused } = loadRecovery(drainCode).extract(group);
  let recovered = 0;
  let unreadable = 0;
  for (const batch of lines) {
    recovered += batch.records;
    unreadable += batch.unreadable;
    onLines?.(batch, recovered);
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
