import { type DrainStart, type NamedSinkSpec, RECOVERED } from "@spillway/core";
import type { Trouble } from "./complaints.ts";
import type { Ownership } from "./ownership.ts";
import { replay } from "./replay.ts";

/**
 * What dead processes left, before anything new is drained; once, by whichever thread drains first. Files go to the
 * paths the dead process wrote to; other sinks get theirs where this process has one of the same name and type.
 */
export function recover(start: DrainStart, control: Int32Array, ownership: Ownership, trouble: Trouble): void {
  if (start.recover.length === 0 || Atomics.load(control, RECOVERED) === 1) return;
  for (const group of start.recover) {
    if (!ownership.isOurs) return;
    const { pid, isComplete, damaged } = replay(
      group,
      control,
      ownership,
      (sink) => heirOf(sink, start.sinks),
      trouble,
    );
    for (const path of damaged) trouble(`recovery: ${path} is damaged and was left as it is`);
    if (!isComplete && damaged.length === 0)
      trouble(`recovery: a sink did not take what process ${pid} left; it is kept for the next start`);
  }
  if (ownership.isOurs) Atomics.store(control, RECOVERED, 1);
}

function heirOf(sink: NamedSinkSpec, ours: readonly NamedSinkSpec[]): NamedSinkSpec | undefined {
  if (sink.spec.type === "file") return sink;
  return ours.find(({ name, spec }) => name === sink.name && spec.type === sink.spec.type);
}
