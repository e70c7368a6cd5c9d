import { closeSync, constants, existsSync, fdatasyncSync, lstatSync, openSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  BEYOND_RING,
  criticalEntryPlace,
  ENTRY_LINE,
  type EntryPlace,
  FRAME_CRITICAL,
  frameKind,
  type NamedSinkSpec,
  type RingDamage,
  type Sink,
} from "@spillway/core";
import { openSink } from "@spillway/sinks";
import {
  type DeadWal,
  finishWal,
  hasRing,
  letGoOfWal,
  loadNative,
  readWal,
  takeDeadWals,
  type WalFrame,
  type WalMode,
  type WalReport,
  walOwnerFile,
  walsOf,
} from "@spillway/spill";
import type { Trouble } from "./complaints.ts";
import { sayRecovered } from "./say-recovered.ts";

const CHUNK_BYTES = 256 * 1024;
const NEWLINE: Buffer = Buffer.from("\n");

/** Where the records go; undefined: leave these out. By sink of the dead process. */
export type Redirect = (sink: NamedSinkSpec) => NamedSinkSpec | undefined;

/** What came of one write-ahead log of a dead process. */
export interface WalRecovery {
  readonly pid: number;
  readonly log: string;
  /** The files its records went to. */
  readonly into: readonly string[];
  /** Records that the sinks got now; those that the ring has are not among them. */
  readonly recovered: number;
  /** False: it is there still, for another attempt. */
  readonly isComplete: boolean;
  readonly damage: readonly RingDamage[];
  /** Where damaged segments lie now. */
  readonly aside: readonly string[];
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/** Whether the ring has the record of an entry, so that it is delivered from there. */
export type IsInRing = (place: EntryPlace, isBeyond: boolean) => boolean;

/**
 * Delivers what a dead process's log holds and its ring does not, puts that onto the disk together with what the ring
 * delivered, and removes the log. A recovery that is killed after the delivery and before the removal delivers again.
 */
export function recoverWal(
  wal: DeadWal,
  isInRing: IsInRing | undefined,
  redirect: Redirect,
  trouble: Trouble,
  mode: WalMode,
): WalRecovery {
  const { log, owner, name } = wal;
  const none = { pid: name.pid, log, into: [], recovered: 0, isComplete: false, damage: [], aside: [], refused: [] };
  if (owner === undefined) {
    const reason = "its owner page is damaged: openWal(path).recover() reads its records";
    return { ...none, refused: [{ path: `${log}.owner`, reason }] };
  }
  const sinks = owner.sinks.flatMap((sink) => redirect(sink) ?? []);
  if (sinks.length === 0 && owner.sinks.length > 0) {
    const names = owner.sinks.map((sink) => sink.name).join(", ");
    trouble(`recovery: what ${log} holds was meant for ${names}, and there is no such sink here; it is kept`);
    return none;
  }
  const reading = readWal(log, { mode });
  let recovered = 0;
  let lines: Buffer[] = [];
  let bytes = 0;
  const deliver = (): void => {
    const text = Buffer.concat(lines);
    for (const named of sinks) write(named, text, lines.length);
    recovered += lines.length;
    lines = [];
    bytes = 0;
  };
  try {
    for (const line of linesNotIn(isInRing, reading)) {
      lines.push(line);
      bytes += line.length;
      if (bytes >= CHUNK_BYTES) deliver();
    }
    if (lines.length > 0) deliver();
    if (recovered > 0)
      for (const sink of sinks) sayRecovered(sink, { pid: name.pid, recovered, unreadable: 0 }, trouble);
    for (const { spec } of sinks) if (spec.type === "file") syncFile(spec.path);
  } catch (error) {
    trouble(`recovery: ${log}: ${error instanceof Error ? error.message : String(error)}; it is kept`);
    return { ...none, recovered };
  }
  const { report } = reading;
  const damage = damageOf(log, report, isInRing !== undefined);
  const later = report.damage.filter(({ kind }) => kind === "version");
  const refused = later.map(({ file }) => ({ path: join(dirname(log), file), reason: "it is of a later version" }));
  // A mode that ends early leaves what is behind to whoever looks at it; what is in front is not delivered again.
  const kept = report.leftOut > 0 ? report.segments.map(({ file }) => file) : damage.map(({ path }) => basename(path));
  const isComplete = refused.length === 0;
  const aside = isComplete ? finishWal(wal, kept) : [];
  const into = sinks.flatMap(({ spec }) => (spec.type === "file" ? [spec.path] : []));
  return { pid: name.pid, log, into, recovered, isComplete, damage, aside, refused };
}

/** The lines of a log whose records the ring does not have; undefined: of all. */
export function* linesNotIn(isInRing: IsInRing | undefined, reading: Iterable<WalFrame>): Generator<Buffer> {
  for (const { tag, payload } of reading) {
    const place = criticalEntryPlace(payload);
    if (frameKind(tag) !== FRAME_CRITICAL || place === undefined) continue;
    if (isInRing?.(place, tag >>> 16 === BEYOND_RING) !== true) yield payload.subarray(ENTRY_LINE);
  }
}

/**
 * The logs under a stem that no ring goes with, because there never was one, it is gone, or the machine was started anew.
 * Those that have a ring are recovered together with it.
 */
export function recoverWals(stem: string, redirect: Redirect, trouble: Trouble): WalRecovery[] {
  const logs = walsOf(stem).filter(isOurs);
  // Nearly always: nothing is loaded for it.
  if (logs.length === 0) return [];
  const { wals } = takeDeadWals(logs, loadNative());
  try {
    return recoverWalsByHand(wals, redirect, trouble, "skip-corrupt");
  } finally {
    for (const wal of wals) letGoOfWal(wal);
  }
}

/** The same of logs that were taken, on the calling thread, without an engine; they stay open. */
export function recoverWalsByHand(
  wals: readonly DeadWal[],
  redirect: Redirect,
  trouble: Trouble,
  mode: WalMode,
): WalRecovery[] {
  return wals.filter((wal) => !hasRing(wal)).map((wal) => recoverWal(wal, undefined, redirect, trouble, mode));
}

/** In a folder that others may write to, anybody can leave a log that says which file its lines are to go to. */
function isOurs(log: string): boolean {
  const page = lstatSync(walOwnerFile(log), { throwIfNoEntry: false });
  return page !== undefined && (process.getuid === undefined || page.uid === process.getuid());
}

function write(named: NamedSinkSpec, text: Buffer, records: number): void {
  const sink = openSink(named);
  try {
    // A power cut may have left half a line, that nobody can finish: it stays a line of its own.
    sink.write(endsInLine(sink) ? Buffer.concat([NEWLINE, text]) : text, records);
  } finally {
    sink.close();
  }
}

function endsInLine(sink: Sink): boolean {
  const { length = 0 } = sink.extent() ?? {};
  return length > 0 && !NEWLINE.equals(sink.tail(length - 1));
}

/** Nothing may go from a log before the files that have its records are on the disk. */
function syncFile(path: string): void {
  if (!existsSync(path)) return;
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    fdatasyncSync(fd);
  } catch (error) {
    // A pipe or a device cannot be synced, and has nothing that could be.
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  } finally {
    closeSync(fd);
  }
}

/** What a killed process leaves behind its last whole frame is no damage where the ring has the record. */
function damageOf(log: string, { damage, missing }: WalReport, hasSoundRing: boolean): RingDamage[] {
  const folder = dirname(log);
  const lost = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return damage
    .filter(({ kind }) => kind !== "version" && !(hasSoundRing && (kind === "tail" || kind === "header")))
    .map(({ file, kind, from, to }, index) => {
      return { path: join(folder, file), from, to, what: kind, missing: index === 0 ? lost : 0 };
    });
}
