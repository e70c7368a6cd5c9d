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
import { basename, dirname, join } from "node:path";
import type { RingFile, RingGroup } from "@spillway/core";
import { releaseClaim, stemOfClaim, sweepClaim, tryClaim } from "./claim.ts";
import type { Native } from "./native.ts";
import {
  decodeOwner,
  findOwnerPage,
  MAX_PAGE_BYTES,
  type OwnerPage,
  PAGE_BYTES,
  type RingOwner,
} from "./owner-page.ts";
import { lifeOf } from "./process-identity.ts";
import { isUnfinishedName, parseRingName, removeFile } from "./ring-file.ts";

const UNFINISHED_FOR_MS = 60_000;
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
 * until `letGoOfRings`, so that of several processes that come at once one has it; where there is no flock it is claimed
 * by a file instead. A folder that is not there has none.
 *
 * A lock that somebody else has says that the owner lives, whatever container it lives in. One that can be had says that
 * it is dead, unless it never had a lock (no koffi there) or lost it with the thread that took it. So the owner's process
 * number, start time and boot are looked at too, and decide alone where one of the two sides has no flock; a file whose
 * owner may live where we cannot look is spared then.
 */
export function takeDeadRings(folder: string, native: Native | undefined, base?: string): DeadRings {
  const groups = new Map<string, Writable<RingGroup>>();
  const spared: SparedRing[] = [];
  const turn = waitForTurn(folder, native);
  try {
    const names = namesIn(folder);
    for (const name of names) {
      const path = join(folder, name);
      if (isUnfinishedName(name)) sweepUnfinished(path, native);
      const parsed = parseRingName(name);
      if (parsed === undefined || (base !== undefined && parsed.base !== base)) continue;
      const taken = takeFile(path, native);
      if (taken === undefined) continue;
      if ("reason" in taken) {
        spared.push({ path, ...taken });
        continue;
      }
      const key = stemOf(parsed);
      const group = groups.get(key) ?? { base: parsed.base, pid: parsed.pid, epoch: parsed.epoch, files: [] };
      group.files.push(taken);
      groups.set(key, group);
    }
    if (native === undefined) claimEach(groups, folder, spared);
    sweepClaims(names, folder);
  } finally {
    if (turn !== undefined) closeSync(turn);
  }
  for (const { files } of groups.values()) files.sort((a, b) => laneOf(a) - laneOf(b));
  return { groups: [...groups.values()], spared };
}

/** Closes the files of a group, and with that gives them free. Once: the numbers may be other files' afterwards. */
export function letGoOfRings({ files, claim }: RingGroup): void {
  for (const { fd } of files) closeSync(fd);
  if (claim !== undefined) releaseClaim(claim, !hasRings(dirname(claim), stemOfClaim(basename(claim))!));
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

function stemOf({ base, pid, epoch }: Pick<RingGroup, "base" | "pid" | "epoch">): string {
  return `${base}.${pid}.${epoch}`;
}

function laneOf({ path }: RingFile): number {
  return parseRingName(basename(path))!.lane;
}

/** Leaves of these groups those that nobody else is recovering. */
function claimEach(groups: Map<string, Writable<RingGroup>>, folder: string, spared: SparedRing[]): void {
  for (const [stem, group] of groups) {
    const { claim, why } = tryClaim(folder, stem);
    if (claim !== undefined) group.claim = claim;
    if (why !== undefined) spared.push(...group.files.map(({ path }) => ({ path, ...why })));
    // Between the look at the files and the claim somebody else may have finished with them.
    const mine = why === undefined ? group.files.filter(isStillThere) : [];
    for (const file of group.files) if (!mine.includes(file)) closeSync(file.fd);
    group.files = mine;
    if (mine.length > 0) continue;
    groups.delete(stem);
    letGoOfRings(group);
  }
}

function isStillThere({ fd, path }: RingFile): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

/** What a recovery that was killed while it removed its claims has left of them. */
function sweepClaims(names: readonly string[], folder: string): void {
  for (const name of names) {
    const stem = stemOfClaim(name);
    if (stem === undefined || parseRingName(`${stem}.0.ring`) === undefined || hasRings(folder, stem)) continue;
    sweepClaim(join(folder, name));
  }
}

function hasRings(folder: string, stem: string): boolean {
  return namesIn(folder).some((name) => {
    const parsed = parseRingName(name);
    return parsed !== undefined && stemOf(parsed) === stem;
  });
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
export function setAside({ path }: Pick<RingFile, "path">): string {
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

/** The open, locked file whose owner page is at its end; or why not; undefined: it is gone. */
export function takeFile(path: string, native: Native | undefined): RingFile | Spared | undefined {
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
  if (native?.lock(fd) === false)
    return { reason: "its process lives, or another one is recovering it", isInUse: true };
  // Whoever had the lock before may have recovered and removed the file meanwhile.
  if (statSync(path, { throwIfNoEntry: false })?.ino !== opened.ino) return GONE;
  const owner = readOwner(fd, opened.size);
  if (owner === undefined) {
    if (native !== undefined) return undefined;
    return { reason: "its owner cannot be told, and there is no flock here to ask", isInUse: false };
  }
  const life = lifeOf(owner.identity);
  if (life === "alive") return { reason: `process ${owner.identity.pid} lives`, isInUse: true };
  if (life === "dead" || (native !== undefined && owner.hasLock)) return undefined;
  return { reason: `process ${owner.identity.pid} may live elsewhere`, isInUse: false };
}

/** From the end of the file, where the owner page is: a start looks at every ring file there is. */
function readOwner(fd: number, size: number): RingOwner | undefined {
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
  const taken = native === undefined ? undefined : takeFile(path, native);
  if (taken === undefined || "reason" in taken) return;
  removeFile(path);
  closeSync(taken.fd);
}
