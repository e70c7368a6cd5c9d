import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { RingGroup } from "@spillway/core";
import {
  type DeadRings,
  type DeadWals,
  hasRing,
  letGoOfWal,
  loadNative,
  parseWalName,
  ringFileOf,
  type SparedRing,
  takeDeadWals,
  walOwnerFile,
  walsIn,
  walsOf,
} from "@spillway/spill";
import { takeLeftovers } from "./recovery.ts";

const FOLDER = ".spillway";

/**
 * The write-ahead logs that a path means: a `walPath` stands for all logs that begin with it, the name or any file of one
 * log for that one; a folder, or a log file, for those beside the ring files.
 */
export function walsAt(path: string): string[] {
  const full = resolve(path);
  const named = walsNamed(full);
  if (named.length > 0) return named;
  if (statSync(full, { throwIfNoEntry: false })?.isDirectory() === true)
    return [...walsIn(full), ...walsIn(join(full, FOLDER))];
  return walsOf(join(dirname(full), FOLDER, `${basename(full)}.wal`));
}

/** Those that the path names, rather than a place where there may be some. */
export function walsNamed(path: string): string[] {
  const full = resolve(path);
  const one = parseWalName(full);
  const log = one && `${one.stem}.${one.pid}.${one.epoch}.${one.lane}`;
  if (log !== undefined && statSync(walOwnerFile(log), { throwIfNoEntry: false }) !== undefined) return [log];
  return walsOf(full);
}

/** Takes the logs of the dead among these. */
export function takeWals(logs: readonly string[]): DeadWals {
  return takeDeadWals(logs, loadNative());
}

/** Takes the ring files that go with these logs: the records of the logs are delivered together with what they hold. */
export function takeRingsOf(logs: readonly string[]): DeadRings {
  const { wals } = takeWals(logs);
  const spared: SparedRing[] = [];
  const rings = wals.flatMap((wal) => (hasRing(wal) ? [ringFileOf(wal)!] : []));
  // Whoever recovers the ring files takes the logs that go with them.
  for (const wal of wals) letGoOfWal(wal);
  const groups: RingGroup[] = [];
  for (const ring of rings) {
    if (groups.some(({ files }) => files.some(({ path }) => path === ring))) continue;
    const taken = takeLeftovers(ring);
    groups.push(...taken.groups);
    spared.push(...taken.spared);
  }
  return { groups, spared };
}
