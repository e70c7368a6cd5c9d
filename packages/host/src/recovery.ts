import { closeSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { NamedSinkSpec, RingFile, RingGroup } from "@spillway/core";
import { type DeadRings, loadNative, parseRingName, takeDeadRings } from "@spillway/spill";
import type { DrainCode } from "./drain-code.ts";
import { loadDrain } from "./load-caller-drain.ts";

/** What the CommonJS build of the drain offers for recovery by hand; see drain/extract.ts and drain/replay.ts. */
export interface RecoveryExports {
  extract(group: RingGroup): {
    readonly lines: Generator<{
      readonly text: Buffer;
      readonly records: number;
      readonly unreadable: number;
      readonly frameBytes: number;
      readonly ofBytes: number;
    }>;
    readonly damaged: readonly RingFile[];
    readonly sinks: readonly string[];
  };
  replayByHand(
    group: RingGroup,
    redirect: (sink: NamedSinkSpec) => NamedSinkSpec | undefined,
    trouble: (message: string) => void,
  ): {
    readonly recovered: number;
    readonly unreadable: number;
    readonly isComplete: boolean;
    readonly damaged: readonly string[];
  };
}

export function loadRecovery(code: DrainCode): RecoveryExports {
  return loadDrain(code);
}

/**
 * What dead processes left at a path, locked: the folder of ring files, the folder of a log with `.spillway` in it, a
 * log file, or one ring file, which stands for all lanes of its process. Throws what the file system says of a path
 * that is not there.
 */
export function takeLeftovers(path: string): DeadRings {
  const native = loadNative();
  const one = parseRingName(basename(path));
  if (one !== undefined) {
    statSync(path);
    const { groups, spared } = takeDeadRings(dirname(path), native, one.base);
    const wanted = groups.filter(({ pid, epoch }) => pid === one.pid && epoch === one.epoch);
    for (const group of groups) if (!wanted.includes(group)) letGo(group);
    return { groups: wanted, spared: spared.filter((file) => file.path === path) };
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    const here = takeDeadRings(path, native);
    const below = takeDeadRings(join(path, FOLDER), native);
    return { groups: [...here.groups, ...below.groups], spared: [...here.spared, ...below.spared] };
  }
  // The log itself may be what never came to be.
  statSync(dirname(path));
  return takeDeadRings(join(dirname(path), FOLDER), native, basename(path));
}

/** Gives the files of a group back, as they are. */
export function letGo(group: RingGroup): void {
  for (const { fd } of group.files) closeSync(fd);
}

const FOLDER = ".spillway";
