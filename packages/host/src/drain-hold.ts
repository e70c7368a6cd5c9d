import { CLOCK_FRESH, DRAIN_TID, ROLE, ROLE_CALLER } from "@spillway/core";
import { AttemptWords, laneCount } from "@spillway/ring";

/** How often a worker that is in the middle of a write is asked again, a millisecond apart. */
const TRIES = 20;

/**
 * Keeps every thread from draining until the answer is called: nobody writes to a lane's consumer words or commit slots
 * meanwhile. A worker finds out at its next write that the role is not its own any more, and waits until it is free.
 * Undefined: a write is under way that takes its time, or another thread of the app drains; try again later.
 */
export function holdDrain(memory: SharedArrayBuffer, control: Int32Array, threadId: number): (() => void) | undefined {
  const own = (ROLE_CALLER - threadId) << 1;
  // This thread has it already, and is not draining now: it is here.
  if (Atomics.load(control, ROLE) === own) return () => undefined;
  const nobodyNotifies = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < TRIES; tries++) {
    if (take(control, own)) {
      // Whoever had it has not died of what it was doing.
      for (let lane = 0; lane < laneCount(memory); lane++) new AttemptWords(memory, lane).pardon();
      return () => give(control, own);
    }
    Atomics.wait(nobodyNotifies, 0, 0, 1);
  }
  return undefined;
}

function take(control: Int32Array, own: number): boolean {
  const held = Atomics.load(control, ROLE);
  const isCaller = held >>> 1 > ROLE_CALLER >>> 1;
  if (isCaller || (held & 1) === 1) return false;
  // See DRAIN_TID in drain/ownership.ts: nobody is named while the role changes hands.
  const tid = Atomics.exchange(control, DRAIN_TID, 0);
  if (Atomics.compareExchange(control, ROLE, held, own) !== held) {
    Atomics.compareExchange(control, DRAIN_TID, 0, tid);
    return false;
  }
  Atomics.store(control, CLOCK_FRESH, 0);
  return true;
}

function give(control: Int32Array, own: number): void {
  Atomics.compareExchange(control, ROLE, own, 0);
  Atomics.notify(control, ROLE);
}
