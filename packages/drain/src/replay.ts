import { unlinkSync } from "node:fs";
import {
  CONTROL_BYTES,
  CONTROL_EPOCH,
  type DrainStart,
  HEARTBEAT,
  type NamedSinkSpec,
  type RingDamage,
  type RingFile,
  type RingGroup,
  SINK_COUNTER_BASE,
  SINK_COUNTERS,
  SINK_QUARANTINED,
} from "@spillway/core";
import { CommitSlots, Consumer, distance, laneCount } from "@spillway/ring";
import { setAside, type WalMode } from "@spillway/spill";
import { adopt } from "./adopt.ts";
import { noteExit } from "./attempts.ts";
import { Carrier } from "./carrier.ts";
import type { Trouble } from "./complaints.ts";
import type { Ownership } from "./ownership.ts";
import { carry } from "./pipeline.ts";
import { recoverRingWals } from "./ring-wals.ts";
import { sayRecovered } from "./say-recovered.ts";
import type { Redirect } from "./wal-recovery.ts";

/** A sink that does not take what was recovered holds the new records up no longer than this. */
const PATIENCE_MS = 5000;

const LOST_OWNER = "its owner page is damaged: recoverAll(path, { output }) extracts its records";

export const LOST_HEADER = "its header is damaged, or of a later version";

/** What came of one dead process's ring files. */
export interface ReplayReport {
  readonly pid: number;
  /** Records that the sinks got now. */
  readonly recovered: number;
  /** Of them: lines in the place of records that could not be read. */
  readonly unreadable: number;
  /** False: a sink did not take everything; the files stay for the next attempt. */
  readonly isComplete: boolean;
  /** Files in which nothing could be found, where they lie now: set aside. */
  readonly damaged: readonly string[];
  /** What was not as it was written, and where; `path` is that before the file was set aside. */
  readonly damage: readonly RingDamage[];
  /** Files that were left alone, and why. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/** Told after every turn over the lanes: how many records a sink got at most, and which share of the frames is done. */
export type Progress = (records: number, share: number) => void;

/**
 * Delivers what a dead process had accepted and not delivered. Its lanes are read into memory, and drained as if their
 * worker had died: the commit slots say how far each sink had come, and a line that was cut short is finished.
 *
 * What is delivered is noted in the ring files before and after every write, so a replay that is killed goes on where it
 * was. Removes the files when all of it is delivered; they stay open, and locked, until the caller closes them. Throws
 * only what `progress` throws.
 */
export function replay(
  group: RingGroup,
  control: Int32Array,
  ownership: Ownership,
  redirect: Redirect,
  trouble: Trouble,
  progress?: Progress,
  mode: WalMode = "skip-corrupt",
): ReplayReport {
  const { lanes, unusable, later } = adopt(group);
  const damaged = unusable.map(setAside);
  const refused = later.map(({ path }) => ({ path, reason: "it is of a later version" }));
  const none = { pid: group.pid, recovered: 0, unreadable: 0, isComplete: false, damaged, refused };
  if (lanes === undefined) return { ...none, damage: [] };
  if (lanes.owner === undefined) {
    for (const { path } of lanes.files) refused.push({ path, reason: LOST_OWNER });
    return { ...none, damage: lanes.damage };
  }
  // The place in the list is the number of the commit slots: a sink that is left out must keep its place.
  const sinks = lanes.owner.sinks.map((sink) => redirect(sink) ?? { name: sink.name, spec: { type: "null" as const } });
  const start: DrainStart = { memory: lanes.memory, sinks, parkAfterMs: 0, recover: [], notes: lanes.place };
  // Who drains is this engine: a worker that dies of a record is told from the process that died before.
  new Int32Array(lanes.memory, 0, CONTROL_BYTES / 4)[CONTROL_EPOCH] = control[CONTROL_EPOCH]!;
  const before = deliveredBy(start);
  const damage = [...lanes.damage];
  const carrier = new Carrier(start, ownership, trouble, undefined, undefined, (lane, one) => {
    damage.push({ path: lanes.files[lane]!.path, ...one });
  });
  carrier.deadline = Date.now() + PATIENCE_MS;
  // What was left out counts as delivered there, to the drain.
  const recoveredNow = (): number =>
    Math.max(0, ...deliveredBy(start).map((count, sink) => (isLeftOut(sinks[sink]!) ? 0 : count - before[sink]!)));
  let isComplete = true;
  // In front of last words, which begin with this same replay.
  process.prependOnceListener("exit", noteExit);
  try {
    const ofBytes = pendingBytes(start.memory) + carrier.overflowBytes;
    let doneBytes = 0;
    while (isComplete && carrier.hasMore) {
      Atomics.add(control, HEARTBEAT, 1);
      const carried = carry(carrier);
      isComplete = carried >= 0;
      if (!isComplete) break;
      carrier.deadline = Date.now() + PATIENCE_MS;
      doneBytes += carried;
      progress?.(recoveredNow(), shareOf(doneBytes, ofBytes));
    }
    for (const path of carrier.lostSegments()) refused.push({ path, reason: LOST_HEADER });
    if (isComplete) carrier.finishOverflow();
  } finally {
    process.removeListener("exit", noteExit);
    carrier.close();
  }
  const recovered = recoveredNow();
  const unreadable = unreadableIn(start);
  const report = { pid: group.pid, recovered, unreadable, isComplete, damaged, damage, refused };
  if (!isComplete) return report;
  if (recovered > 0 || report.unreadable > 0) for (const sink of start.sinks) sayRecovered(sink, report, trouble);
  const wals = recoverRingWals(lanes, group, damage, redirect, trouble, mode);
  const withWals = {
    ...report,
    recovered: recovered + wals.recovered,
    damage: [...damage, ...wals.damage],
    damaged: [...damaged, ...wals.aside],
    isComplete: wals.isComplete,
  };
  if (!wals.isComplete) return withWals;
  for (const file of lanes.files) {
    // What could not be read is kept, for whoever can.
    if (damage.some(({ path }) => path === file.path)) setAside(file);
    else remove(file);
  }
  return withWals;
}

/** From 0 to 1, whatever the sizes of damaged files are. */
export function shareOf(done: number, all: number): number {
  return all > 0 ? Math.min(1, done / all) : 1;
}

function isLeftOut({ spec }: NamedSinkSpec): boolean {
  return spec.type === "null";
}

function pendingBytes(memory: SharedArrayBuffer): number {
  let sum = 0;
  for (let lane = 0; lane < laneCount(memory); lane++) {
    const { ackedTo, committedTo } = new Consumer(memory, lane);
    sum += distance(ackedTo, committedTo);
  }
  return sum;
}

/** Per sink, over all lanes. */
function deliveredBy({ memory, sinks }: DrainStart): number[] {
  return sinks.map((_, sink) => {
    let sum = 0;
    for (let lane = 0; lane < laneCount(memory); lane++)
      sum += new CommitSlots(memory, lane, sink).delivered + new CommitSlots(memory, lane, sink, true).delivered;
    return sum;
  });
}

function unreadableIn({ memory, sinks }: DrainStart): number {
  const counters = new Float64Array(memory, 0, CONTROL_BYTES / 8);
  return Math.max(0, ...sinks.map((_, sink) => counters[SINK_COUNTER_BASE + sink * SINK_COUNTERS + SINK_QUARANTINED]!));
}

/** Still locked: who gets the lock next finds that the file is gone. */
function remove({ path }: RingFile): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
