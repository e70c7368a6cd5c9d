import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RingFile, RingGroup } from "@spillway/core";
import type { Native } from "./native.ts";
import { decodeOwner, MAX_PAGE_BYTES, PAGE_BYTES, type RingOwner } from "./owner-page.ts";
import { lifeOf } from "./process-identity.ts";
import { isUnfinishedName, parseRingName, removeFile } from "./ring-file.ts";

const UNFINISHED_FOR_MS = 60_000;

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
 * A lock that somebody else has says that the owner lives, whatever container it lives in. One that can be had says that
 * it is dead, unless it never had a lock (no koffi there) or lost it with the thread that took it. So the owner's process
 * number, start time and boot are looked at too, and decide alone where one of the two sides has no flock; a file whose
 * owner may live where we cannot look is spared then.
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
export function readRingFile(file: RingFile): { bytes: Buffer; owner: RingOwner | undefined } {
  const bytes = readFileSync(file.path);
  return { bytes, owner: decodeOwner(bytes) };
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
  if (native?.lock(fd) === false) return "its process lives, or another one is recovering it";
  // Whoever had the lock before may have recovered and removed the file meanwhile.
  if (statSync(path, { throwIfNoEntry: false })?.ino !== opened.ino) return "recovered by another process";
  const owner = ownerOf(fd, opened.size);
  if (owner === undefined) {
    return native === undefined ? "its owner cannot be told, and there is no flock here to ask" : undefined;
  }
  const life = lifeOf(owner.identity);
  if (life === "alive") return `process ${owner.identity.pid} lives`;
  if (life === "dead" || (native !== undefined && owner.hasLock)) return undefined;
  return `process ${owner.identity.pid} may live elsewhere`;
}

/** Only the end of the file is read for it: a start looks at every ring file there is. */
function ownerOf(fd: number, size: number): RingOwner | undefined {
  // MAX_PAGE_BYTES is a multiple of a page, and so must this be: decodeOwner looks at whole pages.
  const from = Math.max(0, size - (size % PAGE_BYTES) - MAX_PAGE_BYTES);
  const end = Buffer.alloc(size - from);
  readSync(fd, end, 0, end.length, from);
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
