import { setTimeout as pause } from "node:timers/promises";

const LOOK_MS = 5;

/**
 * Resolves with the first answer of `condition` that is not false, undefined or null; rejects after `deadlineMs`,
 * saying what was waited for. Instead of a sleep, which is too short on a busy machine and too long on every other.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | undefined | null | false,
  deadlineMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  while (true) {
    const answer = condition();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms for this in vain: ${what}`);
    await pause(LOOK_MS);
  }
}
