import { isMainThread } from "node:worker_threads";

const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];

let sayLastWords: (() => void) | undefined;

/**
 * From now on a signal that would end the process is answered with last words first, and then does what it would have
 * done: the process ends by the signal, with the exit code it has without us.
 *
 * Where the application listens for the signal itself, what happens is the application's. Signals reach the main thread's
 * event loop alone: a main thread that never returns to it answers none, where without us it would have been ended.
 */
export function obeySignals(lastWords: () => void): void {
  if (!isMainThread || sayLastWords !== undefined) return;
  sayLastWords = lastWords;
  for (const signal of ENDING) process.on(signal, answer);
}

function answer(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  sayLastWords?.();
  // Without listeners the signal has its default action again.
  process.removeListener(signal, answer);
  process.kill(process.pid, signal);
}
