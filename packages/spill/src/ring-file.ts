import { closeSync, constants, mkdirSync, openSync, renameSync, statSync, unlinkSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import type { RingFile, RingPlace } from "@spillway/core";
import type { Native } from "./native.ts";
import { encodeOwner, type RingOwner } from "./owner-page.ts";

const SUFFIX = ".ring";
/** A file that has not got its final name yet: nobody recovers it. */
const UNFINISHED = ".ring-new";
const ZERO_BYTES = 1024 * 1024;

export interface RingName {
  readonly base: string;
  readonly pid: number;
  /** As in the name: eight hexadecimal digits. */
  readonly epoch: string;
  readonly lane: number;
}

/** `FOLDER/BASE.PID.EPOCH.LANE.ring` */
export function ringPath({ folder, base, pid, epoch }: RingPlace, lane: number): string {
  return join(folder, `${base}.${pid}.${(epoch >>> 0).toString(16).padStart(8, "0")}.${lane}${SUFFIX}`);
}

export function parseRingName(name: string): RingName | undefined {
  const found = /^(.*)\.(\d+)\.([0-9a-f]{8})\.(\d+)\.ring$/s.exec(name);
  if (found === null) return undefined;
  return { base: found[1]!, pid: Number(found[2]), epoch: found[3]!, lane: Number(found[4]) };
}

/**
 * Makes a ring file: `image` (the lane as it is in memory, `laneBytes` long in all, the rest zero), then the owner page.
 *
 * Every block is set aside, or else written, never left to the file system as a hole: a full disk is an ENOSPC here, not
 * a SIGBUS in the middle of a log call. The file gets its name only when it is whole and locked, so that nobody takes it for a dead
 * process's. Throws what the file system answers; then nothing is left of it.
 */
export function createRingFile(
  folder: string,
  base: string,
  owner: RingOwner,
  image: Uint8Array,
  laneBytes: number,
  native: Native | undefined,
): RingFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = ringPath({ folder, base, pid: owner.identity.pid, epoch: owner.epoch }, owner.lane);
  const unfinished = path.slice(0, -SUFFIX.length) + UNFINISHED;
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(unfinished, flags, 0o600);
  try {
    if (native?.lock(fd) === false) throw new Error(`${unfinished}: somebody else has locked it`);
    const page = encodeOwner(owner);
    // Where it fails for want of space, so do the zeros, and they say so.
    if (native?.allocate(fd, laneBytes + page.length) !== true) fillWithZeros(fd, laneBytes);
    writeAll(fd, page, laneBytes);
    writeAll(fd, image, 0);
    renameSync(unfinished, path);
    return { fd, path };
  } catch (error) {
    closeSync(fd);
    removeFile(unfinished);
    throw error;
  }
}

function fillWithZeros(fd: number, bytes: number): void {
  const zeros = Buffer.alloc(ZERO_BYTES);
  for (let at = 0; at < bytes; at += zeros.length) writeAll(fd, zeros.subarray(0, bytes - at), at);
}

/** What somebody may have done to a file that is in use. */
export type RingFileTrouble = "deleted" | "replaced" | "truncated";

/** Whether a name still means the file it was given to, with all its bytes; what has become of it, where not. */
export function ringFileTrouble(path: string, inode: number, bytes: number): RingFileTrouble | undefined {
  try {
    const named = statSync(path, { throwIfNoEntry: false });
    if (named === undefined) return "deleted";
    if (named.ino !== inode) return "replaced";
    return named.size < bytes ? "truncated" : undefined;
  } catch (error) {
    // Otherwise nobody can tell from here: the folder may not be looked into any more.
    return (error as NodeJS.ErrnoException).code === "ENOTDIR" ? "deleted" : undefined;
  }
}

export function isUnfinishedName(name: string): boolean {
  return basename(name).endsWith(UNFINISHED);
}

/** All of it, or what the file system says. */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}

export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or not ours to remove: it is only space.
  }
}
