import {
  CONTROL_BYTES,
  CONTROL_EPOCH,
  type DrainStart,
  type NamedSinkSpec,
  RECOVERED,
  type RingDamage,
  type RingGroup,
} from "@spillway/core";
import type { WalMode } from "@spillway/spill";
import type { Trouble } from "./complaints.ts";
import { Ownership } from "./ownership.ts";
import { type Progress, type ReplayReport, replay } from "./replay.ts";
import { type Redirect, recoverWals } from "./wal-recovery.ts";

/** Any token will do: nobody else knows the page. */
const BY_HAND = 1;

/**
 * What dead processes left, before anything new is drained; once, by whichever thread drains first. Files go to the
 * paths the dead process wrote to; other sinks get theirs where this process has one of the same name and type.
 */
export function recover(start: DrainStart, control: Int32Array, ownership: Ownership, trouble: Trouble): void {
  const { walStem } = start;
  if ((start.recover.length === 0 && walStem === undefined) || Atomics.load(control, RECOVERED) === 1) return;
  for (const group of start.recover) {
    if (!ownership.isOurs) return;
    const { pid, isComplete, damaged, damage, refused } = replay(
      group,
      control,
      ownership,
      (sink) => heirOf(sink, start.sinks),
      trouble,
    );
    for (const path of damaged) trouble(`recovery: nothing could be found in ${path}`);
    for (const { path, reason } of refused) trouble(`recovery: ${path} was left alone: ${reason}`);
    tellDamage(damage, trouble);
    if (!isComplete && damaged.length === 0 && refused.length === 0)
      trouble(`recovery: a sink did not take what process ${pid} left; it is kept for the next start`);
  }
  // Behind the ring files: logs that have one went with it.
  if (walStem !== undefined && ownership.isOurs) {
    const heir = (sink: NamedSinkSpec): NamedSinkSpec | undefined => heirOf(sink, start.sinks);
    for (const { damage, refused } of recoverWals(walStem, heir, trouble)) {
      for (const { path, reason } of refused) trouble(`recovery: ${path} was left alone: ${reason}`);
      tellDamage(damage, trouble);
    }
  }
  if (ownership.isOurs) Atomics.store(control, RECOVERED, 1);
}

/** Each file once, with its first damage. */
function tellDamage(damage: readonly RingDamage[], trouble: Trouble): void {
  for (const path of new Set(damage.map((one) => one.path))) {
    const here = damage.filter((one) => one.path === path);
    const missing = here.reduce((sum, one) => sum + one.missing, 0);
    const { what, from, to } = here[0]!;
    const more = here.length > 1 ? `, and ${here.length - 1} more` : "";
    trouble(`recovery: ${path} is damaged, ${missing} frames are missing: ${what}, bytes ${from} to ${to}${more}`);
  }
}

function heirOf(sink: NamedSinkSpec, ours: readonly NamedSinkSpec[]): NamedSinkSpec | undefined {
  if (sink.spec.type === "file") return sink;
  return ours.find(({ name, spec }) => name === sink.name && spec.type === sink.spec.type);
}

/** The same for one group, on the calling thread, without an engine: `spillway recover` and `recoverAll`. */
export function replayByHand(
  group: RingGroup,
  redirect: Redirect,
  trouble: Trouble,
  progress?: Progress,
  mode?: WalMode,
): ReplayReport {
  const page = new SharedArrayBuffer(CONTROL_BYTES);
  const ownership = new Ownership(page, BY_HAND);
  ownership.take();
  const control = new Int32Array(page);
  // As an engine has one: this attempt is not that of another process.
  control[CONTROL_EPOCH] = (Math.random() * 2 ** 32) | 0;
  return replay(group, control, ownership, redirect, trouble, progress, mode);
}
