import { threadId, workerData } from "node:worker_threads";
import { CONTROL_BYTES, type DrainStart, ROLE, STOPPED } from "@spillway/core";
import { tellStderr } from "@spillway/metrics";
import { Carrier } from "./carrier.ts";
import { eventLoopTurn, runDrainLoop } from "./drain-loop.ts";
import { Ownership } from "./ownership.ts";
import { recover } from "./recover.ts";
import { SharedClock } from "./shared-clock.ts";

/** How often a thread that found the role taken looks again, should the host's wake-up have been missed. */
const ROLE_WAIT_MS = 100;
/** Longest delay of a timer. */
const NEVER_MS = 2 ** 31 - 1;

/** Set in workerData by the host, so that merely loading this module elsewhere starts nothing. */
export interface DrainWorkerData {
  readonly spillwayDrain: DrainStart;
}

/** Starts the drain loop of a worker thread when its data asks for one. The loop runs on; this returns. */
export function startDrainWorker(): void {
  const data = workerData as Partial<DrainWorkerData> | null;
  const start = data?.spillwayDrain;
  if (start === undefined) return;
  // A wait for a word of shared memory does not keep a thread alive; where no pool does, this must.
  setInterval(() => undefined, NEVER_MS);
  // Not before the pool has heard that the thread is up: a sink that blocks at its first write would keep it waiting,
  // and a pool that waits for a thread keeps the process alive.
  setTimeout(() => void serve(start), 1);
}

/** Drains whenever the role is free, until it is told to stop. */
async function serve(start: DrainStart): Promise<void> {
  const control = new Int32Array(start.memory, 0, CONTROL_BYTES / 4);
  const ownership = new Ownership(start.memory, threadId);
  const clock = new SharedClock(start.memory);
  while (Atomics.load(control, STOPPED) === 0) {
    if (ownership.take()) {
      recover(start, control, ownership, tellStderr);
      const carrier = new Carrier(start, ownership, tellStderr, clock);
      await runDrainLoop(start.memory, carrier, ownership, clock, start.parkAfterMs);
      // Somebody took the role over while this thread was slow. How far they came stands in the commit slots.
      clock.stop();
      carrier.close();
    }
    await eventLoopTurn();
    const held = Atomics.load(control, ROLE);
    if (held === 0) continue;
    const waiting = Atomics.waitAsync(control, ROLE, held, ROLE_WAIT_MS);
    if (waiting.async) await waiting.value;
  }
}
