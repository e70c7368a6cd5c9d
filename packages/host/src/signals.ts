import { isMainThread } from "node:worker_threads";

const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];
/** The first process of a container: the kernel drops signals it does not listen for. */
const INIT = 1;

let sayLastWords: (() => void) | undefined;

/**
 * From now on a signal that would end the process is answered with last words first, and then does what it would have
 * done: the process ends by the signal, with the exit code it has without us. A second one while they are said ends it at
 * once.
 *
 * Where the application listens for the signal itself, what happens is the application's. Signals reach the main thread's
 * event loop alone: a main thread that never returns to it answers none, where without us it would have been ended.
 */
export function obeySignals(lastWords: () => void): void {
  // As the first process of a container the signal would not have ended it, and last words end the worker.
  if (!isMainThread || process.pid === INIT || sayLastWords !== undefined) return;
  sayLastWords = lastWords;
  // In front of the application's: one it listens for once is gone from the list when those behind it are called.
  for (const signal of ENDING) process.prependListener(signal, answer);
}

function answer(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  // Without listeners a signal has its default action again; last words may take as long as a sink that takes nothing.
  for (const ending of ENDING) process.removeListener(ending, answer);
  sayLastWords?.();
  process.kill(process.pid, signal);
}
