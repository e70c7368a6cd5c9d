import {
  ACK_WAITERS,
  ACKS,
  COMMAND,
  COMMAND_STOP,
  CONTROL_BYTES,
  FlushTimeoutError,
  ROLE,
  STOPPED,
  WAKE,
} from "@spillway/core";
import { CommitSlots, isBefore, type LaneTable } from "@spillway/ring";

/** Any length will do: an interval keeps the process alive until it is cleared. */
const KEEP_ALIVE_MS = 1000;

/** Asks the worker to look now, parked or not. */
export function wakeWorker(control: Int32Array): void {
  Atomics.add(control, WAKE, 1);
  Atomics.notify(control, WAKE);
}

/**
 * Asks the worker to close its sinks and to stop. Resolves when it has, or after `timeoutMs`: one that is stuck, or is
 * not up, is not waited for.
 */
export async function stopWorker(control: Int32Array, timeoutMs: number): Promise<void> {
  if (Atomics.load(control, ROLE) === 0) return;
  // Not a timer of the same length: it may be over a moment before the wait is, and the process with it.
  const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
  Atomics.store(control, COMMAND, COMMAND_STOP);
  wakeWorker(control);
  const waiting = Atomics.waitAsync(control, STOPPED, 0, timeoutMs);
  if (waiting.async) await waiting.value;
  clearInterval(keepAlive);
}

/**
 * Resolves when everything committed before the call, by any thread, in the ring or behind it, has been acked by every
 * sink. Rejects with FlushTimeoutError after `timeoutMs`, naming those that are behind. Keeps the process alive while it
 * waits.
 */
export async function flushAll(
  memory: SharedArrayBuffer,
  lanes: LaneTable,
  timeoutMs: number,
  sinks: readonly string[],
): Promise<void> {
  const control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  const targets = lanes.committed();
  const isDone = (): boolean => lanes.acked().every((acked, index) => !isBefore(acked, targets[index]!));
  if (isDone()) return;
  const deadline = Date.now() + timeoutMs;
  // waitAsync does not keep the event loop alive; this does.
  const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
  Atomics.add(control, ACK_WAITERS, 1);
  try {
    while (true) {
      const seen = Atomics.load(control, ACKS);
      if (isDone()) return;
      const left = deadline - Date.now();
      if (left <= 0) throw new FlushTimeoutError(behind(memory, lanes, sinks, targets), timeoutMs);
      wakeWorker(control);
      const waiting = Atomics.waitAsync(control, ACKS, seen, Math.min(left, 100));
      if (waiting.async) await waiting.value;
    }
  } finally {
    Atomics.sub(control, ACK_WAITERS, 1);
    clearInterval(keepAlive);
  }
}

/** The sinks that do not have everything up to these positions; all of them, should the last one just have caught up. */
function behind(
  memory: SharedArrayBuffer,
  lanes: LaneTable,
  sinks: readonly string[],
  targets: readonly number[],
): readonly string[] {
  const acked = lanes.acked();
  const late = sinks.filter((_, sink) =>
    targets.some((target, index) => {
      if (!isBefore(acked[index]!, target)) return false;
      const isOverflow = index >= lanes.count;
      const commit = new CommitSlots(memory, index % lanes.count, sink, isOverflow).read();
      return isBefore(commit?.position ?? acked[index]!, target);
    }),
  );
  return late.length > 0 ? late : sinks;
}
