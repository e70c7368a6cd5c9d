import { COMMAND, COMMAND_STOP, CONTROL_BYTES, HEARTBEAT, PARKED, STOPPED, WAKE } from "@spillway/core";
import type { Carrier } from "./carrier.ts";
import type { Ownership } from "./ownership.ts";
import { carry } from "./pipeline.ts";
import type { SharedClock } from "./shared-clock.ts";

const NAP_MS = 1;
/**
 * A turn that carried less than this is followed by a nap too: chasing a producer frame by frame makes the cache lines
 * it writes travel between two cores, which costs its calls more than a millisecond of delay is worth.
 */
const BUSY_BYTES = 32 * 1024;
/**
 * A parked loop looks this often all the same: the calls that find it parked wake it when their thread is done with
 * what it is doing, and that may be never. Ten looks a second cost 0.2 % of a core.
 */
const PARK_MS = 100;
/** Turns without a break for the worker's event loop, which other tasks of the pool need. */
const TURNS_PER_BREAK = 16;
/**
 * The drain worker's life: drain until empty, nap while there was traffic a moment ago, then park.
 *
 * A nap costs nobody anything but 1.5-3 % of a core, and no producer has to wake a napping loop. So it parks only
 * `parkAfterMs` after the last record.
 */
export async function runDrainLoop(
  memory: SharedArrayBuffer,
  carrier: Carrier,
  ownership: Ownership,
  clock: SharedClock,
  parkAfterMs: number,
): Promise<void> {
  const control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  let lastRecordAt = clock.refresh();
  let turns = 0;
  while (ownership.isOurs) {
    Atomics.add(control, HEARTBEAT, 1);
    if (Atomics.load(control, COMMAND) === COMMAND_STOP) {
      clock.stop();
      finish(control, carrier, ownership);
      return;
    }
    const now = clock.refresh();
    const carried = carry(carrier);
    if (carried > 0) lastRecordAt = now;
    if (carried > BUSY_BYTES) {
      if (++turns % TURNS_PER_BREAK === 0) await eventLoopTurn();
    } else if (carried > 0 || now - lastRecordAt < parkAfterMs) {
      nap(control);
      await eventLoopTurn();
    } else {
      clock.stop();
      await park(control, carrier);
      if (carrier.hasMore) lastRecordAt = clock.refresh();
    }
  }
}

/** Everything that is committed now, as far as the sinks take it, then the answer to whoever asked. */
function finish(control: Int32Array, carrier: Carrier, ownership: Ownership): void {
  carrier.mark();
  while (carrier.hasMarked && carry(carrier) >= 0);
  carrier.close();
  if (!ownership.isOurs) return;
  ownership.give();
  Atomics.store(control, STOPPED, 1);
  Atomics.notify(control, STOPPED);
}

/** Blocks the thread, which is what makes it cheap; STOP and other wake-ups end it early. */
function nap(control: Int32Array): void {
  Atomics.wait(control, WAKE, Atomics.load(control, WAKE), NAP_MS);
}

async function park(control: Int32Array, carrier: Carrier): Promise<void> {
  const seen = Atomics.load(control, WAKE);
  Atomics.store(control, PARKED, 1);
  // A producer commits, then looks at PARKED; this stores PARKED, then looks for commits. One of them sees the other.
  if (!carrier.hasMore && Atomics.load(control, COMMAND) !== COMMAND_STOP) {
    const waiting = Atomics.waitAsync(control, WAKE, seen, PARK_MS);
    if (waiting.async) await waiting.value;
  }
  Atomics.store(control, PARKED, 0);
}

export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
