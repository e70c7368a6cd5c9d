import { writeSync } from "node:fs";

const STDERR = 2;

/**
 * Tells the logger's own trouble. By descriptor: `process.stderr` of a worker thread goes through the main thread, which
 * may be blocked or ending.
 */
export function tellStderr(message: string): void {
  try {
    writeSync(STDERR, `spillway: ${message}\n`);
  } catch {
    // Nobody to tell.
  }
}
