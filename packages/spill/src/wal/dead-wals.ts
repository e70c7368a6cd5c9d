/** The write-ahead logs of processes that are gone: taken, so that nobody else recovers them at the same time. */
import { closeSync, existsSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { releaseClaim, tryClaim } from "../claim.ts";
import { type SparedRing, takeFile } from "../dead-rings.ts";
import type { Native } from "../native.ts";
import { decodeOwner } from "../owner-page.ts";
import { ownIdentity } from "../process-identity.ts";
import { ringPath } from "../ring-file.ts";
import { readFile, SYSTEM_FILES } from "./files.ts";
import { parseWalName, removeOwnedWal, type WalName, type WalOwner, walOwnerFile } from "./owner.ts";

const MAX_OWNER_BYTES = 2 ** 20;

/** A log whose owner is gone, locked until `letGoOfWal`. */
export interface DeadWal {
  readonly log: string;
  readonly name: WalName;
  /** Undefined: its owner page is damaged. */
  readonly owner: WalOwner | undefined;
  readonly fd: number;
  /** Where there is no flock: the file that says who recovers it. */
  readonly claim?: string | undefined;
}

export interface DeadWals {
  readonly wals: readonly DeadWal[];
  readonly spared: readonly SparedRing[];
}

/** Takes those of `logs` whose owner is gone: by the rules for ring files. */
export function takeDeadWals(logs: readonly string[], native: Native | undefined): DeadWals {
  const wals: DeadWal[] = [];
  const spared: SparedRing[] = [];
  for (const log of logs) {
    const path = walOwnerFile(log);
    const taken = takeFile(path, native);
    if (taken === undefined) continue;
    if ("reason" in taken) {
      spared.push({ path, ...taken });
      continue;
    }
    const { claim, why } = native === undefined ? tryClaim(dirname(log), basename(log)) : {};
    const wal = { log, name: parseWalName(log)!, owner: readWalOwner(path), fd: taken.fd, claim };
    // Between the look at it and the claim somebody else may have finished with it.
    if (why === undefined && existsSync(path)) wals.push(wal);
    else letGoOfWal(wal);
    if (why !== undefined) spared.push({ path, ...why });
  }
  return { wals, spared };
}

/** Gives it free for others. Once: the number may be another file's afterwards. */
export function letGoOfWal({ fd, log, claim }: Pick<DeadWal, "fd" | "log" | "claim">): void {
  closeSync(fd);
  if (claim !== undefined) releaseClaim(claim, !existsSync(walOwnerFile(log)));
}

/** The ring file in which the records of a log are too; undefined: they never were in any. */
export function ringFileOf({ name, owner }: Pick<DeadWal, "name" | "owner">): string | undefined {
  if (owner?.rings === undefined) return undefined;
  return ringPath({ ...owner.rings, pid: name.pid, epoch: Number.parseInt(name.epoch, 16) }, name.lane);
}

/**
 * Whether a ring file holds all records of a log that the process had logged: it is there, and the machine has not been
 * started anew since. After a power cut nobody knows which of its pages are of when.
 */
export function hasRing(wal: DeadWal): boolean {
  const ring = ringFileOf(wal);
  return ring !== undefined && isOfThisBoot(wal.owner!) && existsSync(ring);
}

export function isOfThisBoot({ identity }: WalOwner): boolean {
  return identity.bootId === ownIdentity().bootId;
}

/**
 * All that could be read of it is delivered: removes it, but for the files in `damaged` (names without a folder): they are
 * put out of the way of the next recovery, beside where they were. Answers their new paths.
 */
export function finishWal({ log }: DeadWal, damaged: readonly string[]): string[] {
  const aside: string[] = [];
  for (const file of new Set(damaged)) {
    const path = join(dirname(log), file);
    try {
      const bad = `${path}.bad.${Date.now()}`;
      renameSync(path, bad);
      aside.push(bad);
    } catch {
      // It is not there, or the file system refuses.
    }
  }
  removeOwnedWal(log);
  return aside;
}

function readWalOwner(path: string): WalOwner | undefined {
  try {
    const owner = decodeOwner(readFile(path, MAX_OWNER_BYTES, SYSTEM_FILES).bytes) as WalOwner | undefined;
    return Array.isArray(owner?.sinks) ? owner : undefined;
  } catch {
    return undefined;
  }
}
