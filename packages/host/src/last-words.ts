import { COMMAND, COMMAND_STOP, CONTROL_BYTES, HEARTBEAT, RESPAWNS, ROLE, STOPPED, WAKE } from "@spillway/core";
import type { CallerDrainLike } from "./drain-code.ts";

const LOOK_MS = 20;
/** A worker that is not writing and has not turned for this long is stuck; its work is done here instead. */
const STUCK_MS = 250;
/** One that has been writing for so long is ended: a disk may take its time, but the process does not wait for ever. */
const STUCK_IN_WRITE_MS = 1000;
/** When the time is up, what the sinks take without failing is still given to them, for so long. */
const GRACE_MS = 500;

interface LastWords {
  readonly memory: SharedArrayBuffer;
  readonly timeoutMs: number;
  /** No worker was ever asked to drain. */
  readonly isAlone: boolean;
  readonly drain: () => CallerDrainLike;
  /** Ends the drain thread with that id. It is gone when `isHolderGone` says so. */
  readonly terminate: (threadId: number) => void;
}

/**
 * The end of the process, in its `exit` event: everything committed reaches the sinks, from the worker if it answers,
 * from this thread if it is dead, stuck or was never up. Takes `timeoutMs` and a little at most.
 *
 * A sink of the user's own that made a worker die or hang would do the same to the process now, so it is left out then.
 */
export function sayLastWords(words: LastWords): { isComplete: boolean; mayRunModules: boolean } {
  const control = new Int32Array(words.memory, 0, CONTROL_BYTES / 4);
  const deadline = Date.now() + words.timeoutMs;
  const latest = deadline + GRACE_MS;
  const isWorkerWell = words.isAlone || Atomics.load(control, ROLE) === 0 || askWorker(control, words, deadline);
  const mayRunModules = words.isAlone || (isWorkerWell && Atomics.load(control, RESPAWNS) === 0);
  const caller = words.drain();
  while (!caller.takeRole()) {
    // The worker is in the middle of a write. Never a second writer beside it.
    if (Date.now() >= latest) return { isComplete: false, mayRunModules };
    Atomics.wait(control, STOPPED, Atomics.load(control, STOPPED), LOOK_MS);
  }
  return { isComplete: caller.drainEach(deadline, latest, mayRunModules), mayRunModules };
}

/** Waits until the worker has stopped, is found dead or stuck, or the time is up. Answers whether it was well. */
function askWorker(control: Int32Array, { drain, terminate, timeoutMs }: LastWords, deadline: number): boolean {
  Atomics.store(control, COMMAND, COMMAND_STOP);
  Atomics.add(control, WAKE, 1);
  Atomics.notify(control, WAKE);
  const patienceMs = Math.min(STUCK_IN_WRITE_MS, timeoutMs / 2);
  let heartbeat = Atomics.load(control, HEARTBEAT);
  let turnedAt = Date.now();
  while (Atomics.load(control, STOPPED) === 0 && Date.now() < deadline) {
    Atomics.wait(control, STOPPED, 0, LOOK_MS);
    if (Atomics.load(control, STOPPED) === 1) return true;
    const now = Atomics.load(control, HEARTBEAT);
    if (now !== heartbeat) {
      heartbeat = now;
      turnedAt = Date.now();
      continue;
    }
    if (drain().isHolderGone) return false;
    const silentMs = Date.now() - turnedAt;
    const role = Atomics.load(control, ROLE);
    // Not in a write: it may as well be waiting for a processor. Either way the role can be taken from it.
    if (silentMs >= STUCK_MS && (role & 1) === 0) return true;
    if (silentMs >= patienceMs) {
      terminate(role >>> 1);
      turnedAt = Date.now();
    }
  }
  return Atomics.load(control, STOPPED) === 1;
}
