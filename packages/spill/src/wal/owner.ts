/**
 * The write-ahead logs of critical records: what they are called, and whose they are.
 *
 *   STEM.PID.EPOCH.LANE            the log: its segments and its state, see layout.ts
 *   STEM.PID.EPOCH.LANE.owner      an owner page (owner-page.ts), locked as long as the owner lives
 *
 * One log per lane, so that each has one appender: whoever has the lane.
 */
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { NamedSinkSpec } from "@spillway/core";
import type { Native } from "../native.ts";
import { encodeOwner, type RingOwner } from "../owner-page.ts";
import { removeFile, writeAll } from "../ring-file.ts";
import { createFile, removeWalFiles, SYSTEM_FILES } from "./files.ts";

const OWNER = ".owner";

/** Where an engine's ring files are; with the rest of a log's name that says what its ring file is called. */
export interface WalRings {
  readonly folder: string;
  readonly base: string;
}

export interface WalOwner extends RingOwner {
  readonly sinks: readonly NamedSinkSpec[];
  /** Undefined: the engine has no ring files. */
  readonly rings: WalRings | undefined;
}

export interface WalName {
  readonly stem: string;
  readonly pid: number;
  /** As in the name: eight hexadecimal digits. */
  readonly epoch: string;
  readonly lane: number;
}

export function walName(stem: string, pid: number, epoch: number, lane: number): string {
  return `${stem}.${pid}.${(epoch >>> 0).toString(16).padStart(8, "0")}.${lane}`;
}

/** Of a log, of its owner page, or of any other file of it. */
export function parseWalName(path: string): WalName | undefined {
  const found = /^(.*)\.(\d+)\.([0-9a-f]{8})\.(\d{1,3})(?:\.owner|\.state|\.\d{8,15})?$/s.exec(path);
  if (found === null) return undefined;
  return { stem: found[1]!, pid: Number(found[2]), epoch: found[3]!, lane: Number(found[4]) };
}

export function walOwnerFile(log: string): string {
  return log + OWNER;
}

/** The logs in a folder that have an owner page; none where there is no such folder. */
export function walsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(OWNER) && parseWalName(name) !== undefined)
      .sort()
      .map((name) => join(folder, name.slice(0, -OWNER.length)));
  } catch {
    return [];
  }
}

/** The same, of those whose names begin with `stem`; `of`: of one engine only. */
export function walsOf(stem: string, of?: { readonly pid: number; readonly epoch: string }): string[] {
  return walsIn(dirname(stem)).filter((log) => {
    const name = parseWalName(log)!;
    if (basename(name.stem) !== basename(stem)) return false;
    return of === undefined || (name.pid === of.pid && name.epoch === of.epoch);
  });
}

/**
 * Makes the owner page of a log, on the disk and locked; answers the descriptor that holds the lock. It gets its name when
 * it is whole. To be made before the log: frames of nobody would be recovered by nobody. Throws what the system says.
 */
export function createWalOwner(log: string, owner: WalOwner, native: Native | undefined): number {
  const path = walOwnerFile(log);
  const made = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Of an earlier attempt of this thread: nobody else has this lane.
  removeFile(made);
  const fd = createFile(made, SYSTEM_FILES);
  try {
    if (native?.lock(fd) === false) throw new Error(`${made}: somebody else has locked it`);
    writeAll(fd, encodeOwner(owner), 0);
    fdatasyncSync(fd);
    renameSync(made, path);
    const folder = openSync(dirname(path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    removeFile(made);
    throw error;
  }
}

/** Removes a log that nobody needs; the owner page last, so that whoever finds it finds all there is. */
export function removeOwnedWal(log: string): void {
  removeWalFiles(log);
  removeFile(walOwnerFile(log));
}
