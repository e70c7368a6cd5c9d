// Waiting, in the ways a question may want it.

/** The next turn of the event loop. */
export function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * The first turn of the event loop at `dueMs` (by performance.now) or after it. Keeps turning instead of sleeping:
 * a thread that sleeps between batches measures how the processor wakes up.
 */
export function turnAt(dueMs) {
  return new Promise((resolve) => {
    const look = () => (performance.now() >= dueMs ? resolve(undefined) : setImmediate(look));
    setImmediate(look);
  });
}

/** Really asleep. */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Occupies the thread without returning to the event loop. */
export function spinUntil(dueMs) {
  while (performance.now() < dueMs);
}

/** A clock that all processes of the machine share: nanoseconds, exact to about a microsecond as a number. */
export function sharedClockNs() {
  return Number(process.hrtime.bigint());
}
