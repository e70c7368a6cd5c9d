import path from "node:path";
import { ConfigError, DamagedWalError } from "@spillway/core";
import { Cursor } from "./cursor.ts";
import { namedSegments, openFile, SYSTEM_FILES, type WalFileOperations } from "./files.ts";
import { WAL_FRAMES_OFFSET, WAL_MAX_SEGMENT_BYTES, WAL_MIN_FRAME_BYTES, WAL_MIN_SEGMENT_BYTES } from "./layout.ts";
import { OldSegments } from "./old-segments.ts";
import { readWal } from "./read-wal.ts";
import type { WalDamage, WalReport } from "./report.ts";
import { newUuid } from "./sector.ts";
import { Wal } from "./wal.ts";

const MIB = 2 ** 20;

export interface WalOptions {
  /** The most a segment grows to, unless its only frame is longer. Default 16 MiB. */
  readonly segmentBytes?: number;
  /** Beyond so many bytes not yet on their way, `append` waits for the disk. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /** Told what was given up, and what hinders the removal of what was pruned. Must not throw. */
  readonly onTrouble?: (error: Error) => void;
  readonly files?: WalFileOperations;
}

/**
 * Opens the log at `log`, or begins one. What earlier processes left is not touched: read it with `readWal` and `prune`
 * it. Frames go to segments of this process's own, numbered behind all that were there. Exactly one process may have a
 * log open, and nobody checks that here. Throws what the system says when there can be no log, and DamagedWalError when
 * what is there is of a version from the future.
 */
export function openWal(log: string, options: WalOptions = {}): Wal {
  const {
    segmentBytes = 16 * MIB,
    maxPendingBytes = 64 * MIB,
    onTrouble = () => {},
    files: fs = SYSTEM_FILES,
  } = options;
  check(log, segmentBytes, maxPendingBytes);
  const named = namedSegments(log, fs);
  const { report } = readWal(log, { mode: "skip-corrupt", files: fs });
  const fromTheFuture = report.damage.filter(({ kind }) => kind === "version");
  if (fromTheFuture.length > 0) throw new DamagedWalError(log, fromTheFuture, []);
  const lastSeq = Math.max(
    report.lastSeq,
    ...report.segments.map((segment) => segment.lastSeq),
    ...report.missing.map(({ to }) => to),
  );
  const isDurable = syncNewest(log, named.at(-1)?.file, fs, onTrouble);
  const uuid = report.uuid ?? newUuid();
  const cursor = new Cursor(log, uuid, fs);
  cursor.open(report.prunedTo);
  const old = new OldSegments(log, cursor, fs, onTrouble);
  for (const { file, lastSeq: last } of report.segments) {
    old.add({ file, lastSeq: last, isEvidence: report.damage.some((damage) => isInside(damage, file)) });
  }
  return new Wal({
    path: log,
    uuid,
    epoch: (Math.random() * 2 ** 32) | 0,
    segmentBytes,
    maxPendingBytes,
    nextNumber: Math.max(0, ...named.map(({ number }) => number), ...report.segments.map(({ number }) => number)) + 1,
    firstSeq: lastSeq + 1 + mostDamagedFrames(report),
    durableTo: isDurable ? lastSeq : report.prunedTo,
    prunedTo: report.prunedTo,
    cursor,
    old,
    fs,
    onTrouble,
  });
}

function check(log: string, segmentBytes: number, maxPendingBytes: number): void {
  const problems: string[] = [];
  if (typeof log !== "string" || log === "") problems.push("path: expected the path of a log");
  const isSize = Number.isInteger(segmentBytes);
  if (!isSize || segmentBytes < WAL_MIN_SEGMENT_BYTES || segmentBytes > WAL_MAX_SEGMENT_BYTES) {
    problems.push(`segmentBytes: expected a whole number from ${WAL_MIN_SEGMENT_BYTES} to ${WAL_MAX_SEGMENT_BYTES}`);
  }
  if (!(maxPendingBytes >= 0)) problems.push("maxPendingBytes: expected a number that is not negative");
  if (problems.length > 0) throw new ConfigError(problems);
}

/**
 * What a killed process wrote and did not sync is read all the same, and numbers go on behind it: so it is synced now.
 * Otherwise a power cut could take it away and leave a hole in front of what is durable.
 */
function syncNewest(
  log: string,
  file: string | undefined,
  fs: WalFileOperations,
  onTrouble: (error: Error) => void,
): boolean {
  if (file === undefined) return true;
  try {
    const fd = openFile(path.join(path.dirname(log), file), "read", fs);
    try {
      fs.fdatasyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    return true;
  } catch (error) {
    onTrouble(error as Error);
    return false;
  }
}

/** Frames that damaged bytes may have held: their numbers are not given a second time. */
function mostDamagedFrames({ damage }: WalReport): number {
  const bytes = damage.map(({ kind, from, to }) => {
    if (kind === "unreadable") return WAL_MAX_SEGMENT_BYTES;
    return kind === "frame" || kind === "tail" ? to - from : 0;
  });
  return Math.ceil(bytes.reduce((sum, one) => sum + one, 0) / WAL_MIN_FRAME_BYTES);
}

/** Damage in a segment from which somebody may still want to save something by hand. */
function isInside({ kind, file, from, to }: WalDamage, segment: string): boolean {
  if (file !== segment) return false;
  return kind === "frame" || kind === "order" || (kind === "header" && from === 0 && to === WAL_FRAMES_OFFSET);
}
