import type { RingDamage, RingGroup } from "@spillway/core";
import { Consumer, isBefore } from "@spillway/ring";
import {
  type DeadWal,
  isOfThisBoot,
  letGoOfWal,
  loadNative,
  parseWalName,
  readWal,
  takeDeadWals,
  type WalMode,
  walsOf,
} from "@spillway/spill";
import { type AdoptedLanes, adopt } from "./adopt.ts";
import type { Trouble } from "./complaints.ts";
import { type IsInRing, linesNotIn, type Redirect, recoverWal, type WalRecovery } from "./wal-recovery.ts";

/** Somebody who looked at a log and leaves it to us gives it back at once. */
const TAKE_MS = 1000;
const LOOK_MS = 10;

export interface RingWals {
  readonly recovered: number;
  readonly damage: readonly RingDamage[];
  /** Where damaged segments lie now. */
  readonly aside: readonly string[];
  /** False: a log could not be taken or recovered; the ring files must stay, or it would be delivered as if they never were. */
  readonly isComplete: boolean;
}

/**
 * The write-ahead logs of a dead process whose ring files were replayed just now and are still there: what they hold of
 * records that the ring had not is delivered, and they go. To be called before the ring files are removed: as long as
 * these are there, whoever is killed in the middle leaves enough to tell what the ring has delivered.
 *
 * `ringDamage`: what was not as it should be in the ring files. A lane with damage vouches for no record.
 */
export function recoverRingWals(
  lanes: AdoptedLanes,
  { pid, epoch }: { readonly pid: number; readonly epoch: string },
  ringDamage: readonly RingDamage[],
  redirect: Redirect,
  trouble: Trouble,
  mode: WalMode,
): RingWals {
  const stem = lanes.owner?.walStem;
  const recoveries: WalRecovery[] = [];
  let isComplete = true;
  for (const log of stem === undefined ? [] : walsOf(stem, { pid, epoch })) {
    const lane = laneOf(log, lanes);
    // Without a ring file of its own it is no business of these.
    if (lane === -1) continue;
    const wal = take(log);
    if (wal === undefined) {
      isComplete = false;
      continue;
    }
    try {
      const recovery = recoverWal(wal, vouching(lanes, lane, wal, ringDamage), redirect, trouble, mode);
      recoveries.push(recovery);
      if (!recovery.isComplete) isComplete = false;
    } finally {
      letGoOfWal(wal);
    }
  }
  return {
    recovered: recoveries.reduce((sum, one) => sum + one.recovered, 0),
    damage: recoveries.flatMap((one) => one.damage),
    aside: recoveries.flatMap((one) => one.aside),
    isComplete,
  };
}

/**
 * The lines in a dead process's logs of records that its ring files do not have, for whoever extracts them by hand. The
 * logs stay as they are, and locked until `letGoOfWal`.
 */
export function linesBesideRing(group: RingGroup, mode: WalMode): { lines: Buffer[]; wals: DeadWal[] } {
  const { lanes } = adopt(group);
  const stem = lanes?.owner?.walStem;
  const lines: Buffer[] = [];
  const wals: DeadWal[] = [];
  for (const log of stem === undefined ? [] : walsOf(stem, group)) {
    const lane = laneOf(log, lanes!);
    const wal = lane === -1 ? undefined : take(log);
    if (wal === undefined) continue;
    wals.push(wal);
    lines.push(...linesNotIn(vouching(lanes!, lane, wal, lanes!.damage), readWal(log, { mode })));
  }
  return { lines, wals };
}

function laneOf(log: string, { place }: AdoptedLanes): number {
  return ("lanes" in place ? place.lanes : []).indexOf(parseWalName(log)!.lane);
}

/** Undefined: nothing can be said of what the ring had. */
function vouching(
  { memory, files }: AdoptedLanes,
  lane: number,
  { owner }: DeadWal,
  damage: readonly RingDamage[],
): IsInRing | undefined {
  if (damage.some(({ path }) => path === files[lane]!.path)) return undefined;
  if (owner === undefined || !isOfThisBoot(owner)) return undefined;
  const { committedTo } = new Consumer(memory, lane);
  return (at, isBeyond) => isBeyond || isBefore(at.position, committedTo);
}

function take(log: string): DeadWal | undefined {
  const native = loadNative();
  const nobodyNotifies = new Int32Array(new SharedArrayBuffer(4));
  const deadline = Date.now() + TAKE_MS;
  while (true) {
    const [wal] = takeDeadWals([log], native).wals;
    if (wal !== undefined || Date.now() > deadline) return wal;
    Atomics.wait(nobodyNotifies, 0, 0, LOOK_MS);
  }
}
