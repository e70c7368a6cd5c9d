import { CONTROL_BYTES, DRAIN_TID, type DrainStart, HEARTBEAT, PARKED, RESPAWNS, ROLE, WAKE } from "@spillway/core";
import type { DrainCode } from "./drain-code.ts";
import { type DrainThreads, startDrainThreads } from "./drain-threads.ts";

const LOOK_MS = 100;
/** Looks without a heartbeat before a thread counts as stuck: found within half a second. */
const LOOKS_UNTIL_STUCK = 4;
const MAX_BACKOFF_LOOKS = 50;

/**
 * Keeps a drain thread alive: frees the role of one that died, so that its replacement can take it, ends one that
 * spins, starts a new pool when none is left. A replacement only gets the role after the old thread's exit, because a
 * write in flight may still land until then.
 */
export class Supervisor {
  readonly #start: DrainStart;
  readonly #code: DrainCode;
  readonly #control: Int32Array;
  readonly #trouble: (message: string) => void;
  #threads: DrainThreads;
  readonly #timer: NodeJS.Timeout;
  #heartbeat = 0;
  #silentLooks = 0;
  #looksUntilRestart = 1;
  #backoffLooks = 1;
  #isClosed = false;

  constructor(start: DrainStart, code: DrainCode, trouble: (message: string) => void) {
    this.#start = start;
    this.#code = code;
    this.#control = new Int32Array(start.memory, 0, CONTROL_BYTES / 4);
    this.#trouble = trouble;
    this.#threads = this.#launch();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#threads.destroy();
  }

  #launch(): DrainThreads {
    return startDrainThreads(this.#start, this.#code, {
      onExit: (threadId) => this.#exited(threadId),
      onError: (error) => this.#failed(error),
    });
  }

  #exited(threadId: number): void {
    const control = this.#control;
    const held = Atomics.load(control, ROLE);
    if (held >>> 1 === threadId && Atomics.compareExchange(control, ROLE, held, 0) === held) {
      Atomics.store(control, DRAIN_TID, 0);
      Atomics.store(control, PARKED, 0);
      Atomics.notify(control, ROLE);
    }
    if (!this.#isClosed) Atomics.add(control, RESPAWNS, 1);
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#trouble(`the drain worker died (${reason}); it is replaced, and what is in the ring is kept`);
  }

  #look(): void {
    if (!this.#threads.hasThread) {
      this.#restart();
      return;
    }
    const control = this.#control;
    const heartbeat = Atomics.load(control, HEARTBEAT);
    const role = Atomics.load(control, ROLE);
    if (heartbeat !== this.#heartbeat || role === 0 || Atomics.load(control, PARKED) === 1) {
      if (heartbeat !== this.#heartbeat) this.#backoffLooks = 1;
      this.#heartbeat = heartbeat;
      this.#silentLooks = 0;
      return;
    }
    if (++this.#silentLooks < LOOKS_UNTIL_STUCK) return;
    this.#silentLooks = 0;
    this.#trouble(`the drain worker has not answered for ${LOOKS_UNTIL_STUCK * LOOK_MS} ms; ending it`);
    this.#threads.terminate(role >>> 1);
  }

  /** One failed start switches the pool's own respawning off for good: a new pool it is, with growing pauses. */
  #restart(): void {
    if (--this.#looksUntilRestart > 0) return;
    this.#backoffLooks = Math.min(MAX_BACKOFF_LOOKS, this.#backoffLooks * 2);
    this.#looksUntilRestart = this.#backoffLooks;
    void this.#threads.destroy().catch(() => undefined);
    this.#threads = this.#launch();
    Atomics.add(this.#control, WAKE, 1);
  }
}
