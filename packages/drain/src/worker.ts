import { writeSync } from "node:fs";
import { threadId, workerData } from "node:worker_threads";
import { CONTROL_BYTES, type DrainStart, ROLE } from "@spillway/core";
import { Carrier } from "./carrier.ts";
import { runDrainLoop } from "./drain-loop.ts";
import { Ownership } from "./ownership.ts";

const STDERR = 2;
/** How often a thread that found the role taken looks again, should the host's wake-up have been missed. */
const ROLE_WAIT_MS = 100;

/** Set in workerData by the host, so that merely loading this module elsewhere starts nothing. */
export interface DrainWorkerData {
  readonly spillwayDrain: DrainStart;
}

/** Starts the drain loop of a worker thread when its data asks for one. The loop runs on; this returns. */
export function startDrainWorker(): void {
  const data = workerData as Partial<DrainWorkerData> | null;
  if (data?.spillwayDrain === undefined) return;
  void serve(data.spillwayDrain);
}

async function serve(start: DrainStart): Promise<void> {
  const control = new Int32Array(start.memory, 0, CONTROL_BYTES / 4);
  const ownership = new Ownership(start.memory, threadId);
  while (!ownership.take()) {
    const held = Atomics.load(control, ROLE);
    if (held === 0) continue;
    const waiting = Atomics.waitAsync(control, ROLE, held, ROLE_WAIT_MS);
    if (waiting.async) await waiting.value;
  }
  await runDrainLoop(start.memory, new Carrier(start, ownership, tellTrouble), ownership);
}

/** By descriptor: `process.stderr` of a worker goes through the main thread, which may be blocked. */
export function tellTrouble(message: string): void {
  try {
    writeSync(STDERR, `spillway: ${message}\n`);
  } catch {
    // Nobody to tell.
  }
}
