import {
  ACKS,
  CLOCK_FRESH,
  CONTROL_BYTES,
  DRAIN_TID,
  type DrainStart,
  HEARTBEAT,
  PARKED,
  RESPAWNS,
  ROLE,
  WAKE,
} from "@spillway/core";
import { AttemptWords, laneCount } from "@spillway/ring";
import type { DrainCode } from "./drain-code.ts";
import { type DrainThreads, startDrainThreads } from "./drain-threads.ts";
import { processorMs } from "./thread-time.ts";

const LOOK_MS = 100;
/** Looks without a heartbeat before a thread may count as stuck: an endless loop is found within half a second. */
const LOOKS_UNTIL_STUCK = 4;
/** A thread spins when it has computed for so long without a heartbeat; one that got no processor has not. */
const SPINNING_MS = 300;
/** One that does not compute waits for a disk or a pipe, or for a processor. That may take longer. */
const LOOKS_UNTIL_STUCK_WAITING = 50;
/**
 * A parked thread has a heartbeat every 100 ms too, now and then none between two looks: the system is asked about it
 * from the second silent look on, not ten times a second for ever.
 */
const PARKED_LOOKS_UNTIL_ASKED = 2;
const MAX_PATIENCE = 16;
/**
 * A thread that was ended may have been slow, or not have got a processor. Only one that has computed for more than a
 * second without a heartbeat is taken to have died of what it was doing: see drain/attempts.ts.
 */
const DEADLY_MS = 1200;
/** With frames that are in doubt it is let compute for so long at once: being ended sooner would say nothing. */
const DEADLY_PATIENCE = 4;
const MAX_BACKOFF_LOOKS = 50;
/** The same trouble is told this often at most. */
const TELL_EVERY_MS = 5000;
const CLOSE_MS = 2000;

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
  /** Undefined where no thread could be started. */
  #threads: DrainThreads | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #toldAt = new Map<string, number>();
  #lastError: string | undefined;
  #heartbeat = 0;
  #silentLooks = 0;
  /** The thread's processor time when its silence was noticed. */
  #usedMs: number | undefined;
  #acks = 0;
  /** Grows while ending a thread does not help: then its work takes that long, and must be let do it. */
  #patience = 1;
  #looksUntilRestart = 1;
  #backoffLooks = 1;
  #isClosed = false;
  /** Ended, and not for what it was doing. */
  #pardoned = 0;
  readonly #attempts: readonly AttemptWords[];

  /** `look`: called ten times a second. */
  constructor(start: DrainStart, code: DrainCode, trouble: (message: string) => void, look: () => void) {
    this.#start = start;
    this.#code = code;
    this.#control = new Int32Array(start.memory, 0, CONTROL_BYTES / 4);
    this.#trouble = trouble;
    this.#attempts = Array.from({ length: laneCount(start.memory) }, (_, lane) => new AttemptWords(start.memory, lane));
    this.#threads = this.#launch();
    this.#timer = setInterval(() => {
      this.#look();
      look();
    }, LOOK_MS);
    this.#timer.unref();
  }

  /** Whether a thread is alive or starting. */
  get hasThread(): boolean {
    return this.#threads?.hasThread === true;
  }

  /** Ends a thread, also while this one is blocked: it is gone when the system knows it no longer. */
  terminate(threadId: number): void {
    this.#threads?.terminate(threadId);
  }

  /** Resolves when the threads are gone; a thread that is stuck inside of the kernel is not waited for. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.#threads?.destroy(), late]);
    clearTimeout(timer);
  }

  #launch(): DrainThreads | undefined {
    try {
      return startDrainThreads(this.#start, this.#code, {
        onExit: (threadId, exitCode) => this.#exited(threadId, exitCode),
        onError: (error) => {
          this.#lastError = error instanceof Error ? error.message : String(error);
        },
      });
    } catch (error) {
      // Threads are forbidden, or there are too many.
      this.#tell(`no drain worker can be started (${error instanceof Error ? error.message : String(error)})`);
      return undefined;
    }
  }

  #exited(threadId: number, exitCode: number): void {
    const control = this.#control;
    const held = Atomics.load(control, ROLE);
    if (held >>> 1 === threadId) {
      // Before the role is free: its next holder says who it is, and that must not be wiped out.
      Atomics.store(control, DRAIN_TID, 0);
      Atomics.store(control, PARKED, 0);
      Atomics.store(control, CLOCK_FRESH, 0);
      // Before the next holder asks what this one died of.
      if (threadId === this.#pardoned) for (const attempt of this.#attempts) attempt.pardon();
      Atomics.compareExchange(control, ROLE, held, 0);
      Atomics.notify(control, ROLE);
    }
    if (this.#isClosed) return;
    Atomics.add(control, RESPAWNS, 1);
    const reason = this.#lastError ?? `exit code ${exitCode}`;
    this.#lastError = undefined;
    this.#tell(`the drain worker died (${reason}); it is replaced, and what is in the ring is kept`);
  }

  #look(): void {
    if (!this.hasThread) {
      this.#restart();
      return;
    }
    const control = this.#control;
    const acks = Atomics.load(control, ACKS);
    if (acks !== this.#acks) this.#patience = 1;
    this.#acks = acks;
    const heartbeat = Atomics.load(control, HEARTBEAT);
    const role = Atomics.load(control, ROLE);
    if (heartbeat !== this.#heartbeat || role === 0) {
      if (heartbeat !== this.#heartbeat) this.#backoffLooks = 1;
      this.#heartbeat = heartbeat;
      this.#beginLooking();
      return;
    }
    this.#silentLooks++;
    // Parked is no excuse: what a sink does in a timer of its own runs then too, and may never end.
    if (this.#silentLooks < PARKED_LOOKS_UNTIL_ASKED && Atomics.load(control, PARKED) === 1) return;
    const usedMs = processorMs(Atomics.load(control, DRAIN_TID)) ?? Number.POSITIVE_INFINITY;
    this.#usedMs ??= usedMs;
    const computedMs = usedMs - this.#usedMs;
    if (!this.#isStuck(computedMs)) return;
    const silentMs = this.#silentLooks * LOOK_MS;
    this.#beginLooking();
    this.#patience = Math.min(MAX_PATIENCE, this.#patience * 2);
    this.#tell(`the drain worker has not answered for ${silentMs} ms; ending it`);
    // Where nobody can tell what it has computed, it is never the record's fault.
    if (!(computedMs >= DEADLY_MS)) this.#pardoned = role >>> 1;
    this.#threads?.terminate(role >>> 1);
  }

  #beginLooking(): void {
    this.#silentLooks = 0;
    this.#usedMs = undefined;
  }

  /** `computedMs`: processor time since its silence was noticed; not a number where nobody can tell. */
  #isStuck(computedMs: number): boolean {
    if (this.#silentLooks < LOOKS_UNTIL_STUCK) return false;
    const isDoubtful = this.#attempts.some((attempt) => attempt.isTryingDoubtful);
    const patience = isDoubtful ? Math.max(this.#patience, DEADLY_PATIENCE) : this.#patience;
    if (this.#silentLooks < LOOKS_UNTIL_STUCK * patience) return false;
    if (this.#silentLooks >= LOOKS_UNTIL_STUCK_WAITING * patience) return true;
    return !(computedMs < SPINNING_MS * patience);
  }

  /** One failed start switches the pool's own respawning off for good: a new pool it is, with growing pauses. */
  #restart(): void {
    if (--this.#looksUntilRestart > 0) return;
    this.#backoffLooks = Math.min(MAX_BACKOFF_LOOKS, this.#backoffLooks * 2);
    this.#looksUntilRestart = this.#backoffLooks;
    void this.#threads?.destroy().catch(() => undefined);
    this.#threads = this.#launch();
    Atomics.add(this.#control, WAKE, 1);
  }

  #tell(message: string): void {
    const now = Date.now();
    if (now - (this.#toldAt.get(message) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
    this.#toldAt.set(message, now);
    this.#trouble(message);
  }
}
