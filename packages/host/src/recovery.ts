import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { NamedSinkSpec, RingFile, RingGroup } from "@spillway/core";
import {
  type DeadRings,
  letGoOfRings,
  loadNative,
  overflowPaths,
  overflowStreamName,
  parseRingName,
  readRingFile,
  takeDeadRings,
} from "@spillway/spill";
import type { DrainCode, RecoveryExports } from "./drain-code.ts";
import { loadDrain } from "./load-caller-drain.ts";

export function loadRecovery(code: DrainCode): RecoveryExports {
  return loadDrain(code);
}

/**
 * What dead processes left at a path, locked: the folder of ring files, the folder of a log with `.spillway` in it, a
 * log file, or one ring file, which stands for all lanes of its process. Throws what the file system says of a path
 * that is not there, or that may not be read.
 */
export function takeLeftovers(path: string): DeadRings {
  const full = resolve(path);
  const folder = dirname(full);
  const one = parseRingName(basename(full));
  if (one !== undefined) {
    statSync(full);
    return takeOne(folder, one);
  }
  const native = loadNative();
  const found = statSync(full, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) {
    const folders = [full, join(full, FOLDER)];
    // A folder that may not be read is not one that has nothing: both are looked at before anything is taken.
    for (const place of folders) namesIn(place);
    const taken = folders.map((place) => takeDeadRings(place, native));
    return { groups: taken.flatMap(({ groups }) => groups), spared: taken.flatMap(({ spared }) => spared) };
  }
  const beside = join(folder, FOLDER);
  const base = basename(full);
  // The log itself may be what never came to be; a name that nothing stands for is a slip of the hand.
  const isKnown = namesIn(beside).some((name) => parseRingName(name)?.base === base);
  if (found === undefined && !isKnown) statSync(full);
  return takeDeadRings(beside, native, base);
}

function takeOne(folder: string, one: { base: string; pid: number; epoch: string }): DeadRings {
  const { groups, spared } = takeDeadRings(folder, loadNative(), one.base);
  const wanted = groups.filter(({ pid, epoch }) => pid === one.pid && epoch === one.epoch);
  for (const group of groups) if (!wanted.includes(group)) letGoOfRings(group);
  const isOfOne = (path: string): boolean => {
    const name = parseRingName(basename(path));
    return name?.pid === one.pid && name.epoch === one.epoch;
  };
  return { groups: wanted, spared: spared.filter(({ path }) => isOfOne(path)) };
}

/** Where a dead process's records were meant to go; empty where no file of it says so any more. */
export function sinksOf(group: RingGroup): readonly NamedSinkSpec[] {
  for (const file of group.files) {
    try {
      const { owner } = readRingFile(file).page;
      if (owner !== undefined) return owner.sinks;
    } catch {
      // Another lane may say it.
    }
  }
  return [];
}

/** The segments of what did not fit into the ring of this file. */
export function segmentsOf({ path }: RingFile): readonly string[] {
  const name = parseRingName(basename(path));
  if (name === undefined) return [];
  const { base, pid, lane } = name;
  return overflowPaths(dirname(path), overflowStreamName({ base, pid, epoch: Number.parseInt(name.epoch, 16), lane }));
}

/** None where there is no such folder. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

const FOLDER = ".spillway";
