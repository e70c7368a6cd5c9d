import type { RingDamage } from "@spillway/core";
import { Consumer, isBefore } from "@spillway/ring";
import {
  type DeadWal,
  isOfThisBoot,
  letGoOfWal,
  loadNative,
  parseWalName,
  takeDeadWals,
  type WalMode,
  walsOf,
} from "@spillway/spill";
import type { AdoptedLanes } from "./adopt.ts";
import type { Trouble } from "./complaints.ts";
import { type Redirect, recoverWal, type WalRecovery } from "./wal-recovery.ts";

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
  { memory, owner, files, place }: AdoptedLanes,
  { pid, epoch }: { readonly pid: number; readonly epoch: string },
  ringDamage: readonly RingDamage[],
  redirect: Redirect,
  trouble: Trouble,
  mode: WalMode,
): RingWals {
  const stem = owner?.walStem;
  if (stem === undefined) return { recovered: 0, damage: [], aside: [], isComplete: true };
  const lanes = "lanes" in place ? place.lanes : [];
  const recoveries: WalRecovery[] = [];
  let isComplete = true;
  for (const log of walsOf(stem, { pid, epoch })) {
    const index = lanes.indexOf(parseWalName(log)!.lane);
    // Without a ring file of its own it is no business of these.
    if (index === -1) continue;
    const wal = take(log);
    if (wal === undefined) {
      isComplete = false;
      continue;
    }
    try {
      const isSound = !ringDamage.some(({ path }) => path === files[index]!.path);
      const { committedTo } = new Consumer(memory, index);
      const vouches = isSound && wal.owner !== undefined && isOfThisBoot(wal.owner);
      const recovery = recoverWal(
        wal,
        vouches ? (at, isBeyond) => isBeyond || isBefore(at.position, committedTo) : undefined,
        redirect,
        trouble,
        mode,
      );
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
