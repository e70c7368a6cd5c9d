import { COMMAND, COMMAND_STOP, CONTROL_BYTES, HEARTBEAT, ROLE, STOPPED, WAKE } from "@spillway/core";
import type { CallerDrainLike } from "./drain-code.ts";

const LOOK_MS = 20;
/** A worker that is not writing and has not turned for this long is stuck; its work is done here instead. */
const STUCK_MS = 250;

/**
 * The end of the process, in its `exit` event: everything committed reaches the sinks, from the worker if it answers,
 * from this thread if it is dead, stuck or was never up. Takes `timeoutMs` at most. False: a sink did not take all.
 */
export function sayLastWords(memory: SharedArrayBuffer, drain: () => CallerDrainLike, timeoutMs: number): boolean {
  const control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  const deadline = Date.now() + timeoutMs;
  if (Atomics.load(control, ROLE) !== 0) askWorker(control, drain, deadline);
  const caller = drain();
  while (!caller.takeRole()) {
    // The worker is in the middle of a write. Never a second writer beside it.
    if (Date.now() >= deadline) return false;
    Atomics.wait(control, STOPPED, Atomics.load(control, STOPPED), LOOK_MS);
  }
  return caller.drain(Math.max(deadline, Date.now() + LOOK_MS));
}

function askWorker(control: Int32Array, drain: () => CallerDrainLike, deadline: number): void {
  Atomics.store(control, COMMAND, COMMAND_STOP);
  Atomics.add(control, WAKE, 1);
  Atomics.notify(control, WAKE);
  let heartbeat = Atomics.load(control, HEARTBEAT);
  let turnedAt = Date.now();
  while (Atomics.load(control, STOPPED) === 0 && Date.now() < deadline) {
    Atomics.wait(control, STOPPED, 0, LOOK_MS);
    const now = Atomics.load(control, HEARTBEAT);
    if (now !== heartbeat) {
      heartbeat = now;
      turnedAt = Date.now();
    } else if (Atomics.load(control, STOPPED) === 0) {
      if (drain().isHolderGone) return;
      if (Date.now() - turnedAt >= STUCK_MS && (Atomics.load(control, ROLE) & 1) === 0) return;
    }
  }
}
