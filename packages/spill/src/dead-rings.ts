import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { RingFile, RingGroup } from "@spillway/core";
import type { Native } from "./native.ts";
import { decodeOwner, findOwnerPage, type OwnerPage, type RingOwner } from "./owner-page.ts";
import { lifeOf } from "./process-identity.ts";
import { isUnfinishedName, parseRingName, removeFile } from "./ring-file.ts";

const UNFINISHED_FOR_MS = 60_000;
/** More than an owner page has; a multiple of its alignment, as the place behind the lane is. */
const OWNER_BYTES = 1024 * 1024;

/** Files of processes that live, or that may: who has them, and why they were left alone. */
export interface SparedRing {
  readonly path: string;
  readonly reason: string;
}

export interface DeadRings {
  readonly groups: readonly RingGroup[];
  readonly spared: readonly SparedRing[];
}

/**
 * Takes the ring files in `folder` (of `base` only, where given) whose owner is gone. Each stays locked by this process
 * until its descriptor is closed, so that of several processes that come at once one has it. A folder that is not there
 * has none.
 *
 * With flock the lock decides: it is held exactly as long as the owner lives, whatever container it lives in. Without, the owner's process number, start time and boot decide, and a file whose
 * owner may live where we cannot look is spared.
 */
export function takeDeadRings(folder: string, native: Native | undefined, base?: string): DeadRings {
  const groups = new Map<
    string,
    { base: string; pid: number; epoch: string; files: { lane: number; file: RingFile }[] }
  >();
  const spared: SparedRing[] = [];
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (isUnfinishedName(name)) sweepUnfinished(path, native);
    const parsed = parseRingName(name);
    if (parsed === undefined || (base !== undefined && parsed.base !== base)) continue;
    const taken = take(path, native);
    if (typeof taken === "string") {
      spared.push({ path, reason: taken });
      continue;
    }
    const key = `${parsed.base}\0${parsed.pid}\0${parsed.epoch}`;
    const group = groups.get(key) ?? { base: parsed.base, pid: parsed.pid, epoch: parsed.epoch, files: [] };
    group.files.push({ lane: parsed.lane, file: taken });
    groups.set(key, group);
  }
  return {
    groups: [...groups.values()].map(({ files, ...group }) => ({
      ...group,
      files: files.sort((a, b) => a.lane - b.lane).map(({ file }) => file),
    })),
    spared,
  };
}

/** The bytes of a ring file, and whose it was. */
export function readRingFile(file: RingFile): { bytes: Buffer; page: OwnerPage } {
  const bytes = readFileSync(file.path);
  return { bytes, page: findOwnerPage(bytes) };
}

/**
 * Puts a damaged file out of the way of the next recovery, beside where it was, for whoever wants to look at it.
 * Answers its new path; the old one where the file system refuses.
 */
export function setAside({ path }: RingFile): string {
  const aside = `${path}.bad.${Date.now()}`;
  try {
    renameSync(path, aside);
    return aside;
  } catch {
    return path;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The open, locked file; or why not. */
function take(path: string, native: Native | undefined): RingFile | string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
  const reason = whyNot(fd, path, native);
  if (reason === undefined) return { fd, path };
  closeSync(fd);
  return reason;
}

function whyNot(fd: number, path: string, native: Native | undefined): string | undefined {
  const opened = fstatSync(fd);
  if (!opened.isFile()) return "not a regular file";
  if (native !== undefined) {
    if (!native.lock(fd)) return "its process lives, or another one is recovering it";
    // Whoever had the lock before may have recovered and removed the file meanwhile.
    if (statSync(path, { throwIfNoEntry: false })?.ino !== opened.ino) return "recovered by another process";
  }
  const owner = readOwner(fd, opened.size);
  // The file of a lane that is not mapped loses its lock with the thread that made it, and its process lives on.
  const life = owner === undefined ? "unknown" : lifeOf(owner.identity);
  if (life === "alive") return `process ${owner?.identity.pid} lives`;
  if (life === "dead" || native !== undefined) return undefined;
  if (owner === undefined) return "its owner cannot be told, and there is no flock here to ask";
  return `process ${owner.identity.pid} may live elsewhere`;
}

/** From the end of the file, where the owner page is. */
function readOwner(fd: number, size: number): RingOwner | undefined {
  const end = Buffer.alloc(Math.min(size, OWNER_BYTES));
  readSync(fd, end, 0, end.length, size - end.length);
  return decodeOwner(end);
}

/** A process that died while it made a ring file: it had put nothing there yet. Making one takes milliseconds. */
function sweepUnfinished(path: string, native: Native | undefined): void {
  const madeAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  if (Date.now() - madeAt < UNFINISHED_FOR_MS) return;
  const taken = native === undefined ? "" : take(path, native);
  if (typeof taken === "string") return;
  removeFile(path);
  closeSync(taken.fd);
}
