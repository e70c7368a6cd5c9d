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
/** Taking lasts a few milliseconds. */
const TURN_MS = 1000;

/** Files of processes that live, or that may: who has them, and why they were left alone. */
export interface SparedRing {
  readonly path: string;
  readonly reason: string;
  /** Its process lives, or somebody recovers it now. False: nobody can tell from here, and somebody should look. */
  readonly isInUse: boolean;
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
  const turn = waitForTurn(folder, native);
  try {
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      if (isUnfinishedName(name)) sweepUnfinished(path, native);
      const parsed = parseRingName(name);
      if (parsed === undefined || (base !== undefined && parsed.base !== base)) continue;
      const taken = take(path, native);
      if (taken === undefined) continue;
      if ("reason" in taken) {
        spared.push({ path, ...taken });
        continue;
      }
      const key = `${parsed.base}\0${parsed.pid}\0${parsed.epoch}`;
      const group = groups.get(key) ?? { base: parsed.base, pid: parsed.pid, epoch: parsed.epoch, files: [] };
      group.files.push({ lane: parsed.lane, file: taken });
      groups.set(key, group);
    }
  } finally {
    if (turn !== undefined) closeSync(turn);
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

/**
 * Of processes that come at once, one takes all there is, then the next: were the lanes of one dead process shared out,
 * two would append to its log, each in the middle of the line that the other has to finish. The folder itself is locked,
 * for as long as taking lasts, so that nothing is left behind. Somebody who stands still in here is not waited for.
 */
function waitForTurn(folder: string, native: Native | undefined): number | undefined {
  if (native === undefined) return undefined;
  let fd: number;
  try {
    fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
  const nobodyNotifies = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < TURN_MS && !native.lock(fd); waited++) Atomics.wait(nobodyNotifies, 0, 0, 1);
  return fd;
}

type Spared = Omit<SparedRing, "path">;

/** The open, locked file; or why not; undefined: it is gone. */
function take(path: string, native: Native | undefined): RingFile | Spared | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? undefined : { reason: CAUSES[code ?? ""] ?? message, isInUse: false };
  }
  const spared = whyNot(fd, path, native);
  if (spared === undefined) return { fd, path };
  closeSync(fd);
  return spared === GONE ? undefined : spared;
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "its file system is read-only",
  ELOOP: "a symbolic link",
};

const GONE = Symbol("recovered and removed by another process");

function whyNot(fd: number, path: string, native: Native | undefined): Spared | typeof GONE | undefined {
  const opened = fstatSync(fd);
  if (!opened.isFile()) return { reason: "not a regular file", isInUse: false };
  if (native !== undefined) {
    if (!native.lock(fd)) return { reason: "its process lives, or another one is recovering it", isInUse: true };
    // Whoever had the lock before may have recovered and removed the file meanwhile.
    if (statSync(path, { throwIfNoEntry: false })?.ino !== opened.ino) return GONE;
  }
  const owner = readOwner(fd, opened.size);
  // The file of a lane that is not mapped loses its lock with the thread that made it, and its process lives on.
  const life = owner === undefined ? "unknown" : lifeOf(owner.identity);
  if (life === "alive") return { reason: `process ${owner?.identity.pid} lives`, isInUse: true };
  if (life === "dead" || native !== undefined) return undefined;
  if (owner === undefined)
    return { reason: "its owner cannot be told, and there is no flock here to ask", isInUse: false };
  return { reason: `process ${owner.identity.pid} may live elsewhere`, isInUse: false };
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
  const taken = native === undefined ? undefined : take(path, native);
  if (taken === undefined || "reason" in taken) return;
  removeFile(path);
  closeSync(taken.fd);
}
