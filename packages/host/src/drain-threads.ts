import { existsSync } from "node:fs";
import Module from "node:module";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { DrainStart } from "@spillway/core";
import type { Piscina as PiscinaPool } from "piscina";
import type { DrainCode } from "./drain-code.ts";

export interface DrainThreadEvents {
  /** The thread no longer exists: no write of its can land any more. */
  onExit(threadId: number, exitCode: number): void;
  /** It threw, or could not start. */
  onError(error: unknown): void;
}

/** The threads that drain: a piscina pool, or one plain worker where our files were left behind by a bundler. */
export interface DrainThreads {
  /** Whether any thread is alive or starting. */
  readonly hasThread: boolean;
  /** Ends a thread that does not answer. */
  terminate(threadId: number): void;
  destroy(): Promise<void>;
}

/** Throws where threads are forbidden, or there are too many. */
export function startDrainThreads(start: DrainStart, code: DrainCode, events: DrainThreadEvents): DrainThreads {
  const workerData = { spillwayDrain: start };
  const pool = join(dirname(code.file), "pool.cjs");
  if (existsSync(code.file) && existsSync(pool))
    return new PoolThreads(loadPiscina(pool), workerData, code.file, events);
  return new SingleThread(workerData, code, events);
}

type PiscinaClass = new (options: Record<string, unknown>) => PiscinaPool;

/**
 * Required by path, so that bundlers leave it alone: a piscina moved into a bundle cannot find its worker. As a member of
 * Module, because webpack warns of a createRequire imported by name.
 */
function loadPiscina(pool: string): PiscinaClass {
  const { Piscina } = Module.createRequire(pool)(pool) as { Piscina: PiscinaClass };
  return Piscina;
}

class PoolThreads implements DrainThreads {
  readonly #pool: PiscinaPool;
  readonly #events: DrainThreadEvents;
  readonly #known = new WeakSet<Worker>();

  constructor(Piscina: PiscinaClass, workerData: unknown, filename: string, events: DrainThreadEvents) {
    this.#events = events;
    this.#pool = new Piscina({
      filename,
      workerData,
      minThreads: 1,
      maxThreads: 1,
      // A drain thread runs its own loop: it must neither be retired for idleness nor sit in piscina's Atomics.wait.
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: "disabled",
      // The app's preloads and flags are the app's.
      execArgv: [],
      // What a worker had open when it died is closed with it: the file of a sink, above all.
      trackUnmanagedFds: true,
      recordTiming: false,
    });
    // Without a listener a throw in the worker would become an uncaught exception of the app.
    this.#pool.on("error", (error: unknown) => events.onError(error));
    this.#pool.on("workerCreate", () => this.#watch());
    this.#watch();
  }

  get hasThread(): boolean {
    this.#watch();
    return this.#pool.threads.length > 0;
  }

  terminate(threadId: number): void {
    for (const thread of this.#pool.threads) if (thread.threadId === threadId) void thread.terminate();
  }

  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  #watch(): void {
    for (const thread of this.#pool.threads) {
      if (this.#known.has(thread)) continue;
      this.#known.add(thread);
      const { threadId } = thread;
      thread.once("exit", (exitCode: number) => this.#events.onExit(threadId, exitCode));
    }
  }
}

class SingleThread implements DrainThreads {
  readonly #worker: Worker;
  #isAlive = true;

  constructor(workerData: unknown, code: DrainCode, events: DrainThreadEvents) {
    const options = { workerData, execArgv: [], trackUnmanagedFds: true };
    this.#worker = existsSync(code.file)
      ? new Worker(code.file, options)
      : new Worker(code.source(), { ...options, eval: true });
    this.#worker.unref();
    const { threadId } = this.#worker;
    this.#worker.on("error", (error) => events.onError(error));
    this.#worker.once("exit", (exitCode: number) => {
      this.#isAlive = false;
      events.onExit(threadId, exitCode);
    });
  }

  get hasThread(): boolean {
    return this.#isAlive;
  }

  terminate(threadId: number): void {
    if (this.#worker.threadId === threadId) void this.#worker.terminate();
  }

  async destroy(): Promise<void> {
    await this.#worker.terminate();
  }
}
