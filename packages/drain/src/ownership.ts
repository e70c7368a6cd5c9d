import { existsSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { CLOCK_FRESH, CONTROL_BYTES, DRAIN_TID, ROLE } from "@spillway/core";

/**
 * The right to drain, a word in the control page: see ROLE in core/control.ts. Whoever holds it must take the writing
 * bit before it touches a sink, and may find that somebody else has taken the role over in between.
 *
 * DRAIN_TID is 0 from before the role becomes free until its next holder has said who it is. So it may name nobody, or
 * a holder of the past whose successor then finds that its compareExchange fails; it never names a dead thread while a
 * living one writes.
 */
export class Ownership {
  readonly #control: Int32Array;
  readonly #token: number;

  constructor(memory: SharedArrayBuffer, token: number) {
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#token = token;
  }

  /** Whether the role was free and is now ours. */
  take(): boolean {
    if (Atomics.compareExchange(this.#control, ROLE, 0, this.#token << 1) !== 0) return false;
    Atomics.store(this.#control, DRAIN_TID, kernelThreadId());
    return true;
  }

  /** Takes the role from its holder, unless that is writing: a dead one is not. */
  takeOver(): boolean {
    const held = Atomics.load(this.#control, ROLE);
    if (held === this.#token << 1) return true;
    if ((held & 1) === 1 && !this.isHolderGone) return false;
    Atomics.store(this.#control, DRAIN_TID, 0);
    if (Atomics.compareExchange(this.#control, ROLE, held, this.#token << 1) !== held) return false;
    Atomics.store(this.#control, DRAIN_TID, kernelThreadId());
    // Whoever had it can refresh the clock no more.
    Atomics.store(this.#control, CLOCK_FRESH, 0);
    return true;
  }

  /** Whether the holder's thread no longer exists. Sure where it answers true; false may also mean "cannot tell". */
  get isHolderGone(): boolean {
    const tid = Atomics.load(this.#control, DRAIN_TID);
    return tid !== 0 && Atomics.load(this.#control, ROLE) !== 0 && !existsSync(`/proc/self/task/${tid}`);
  }

  get isOurs(): boolean {
    return Atomics.load(this.#control, ROLE) >>> 1 === this.#token;
  }

  beginWrite(): boolean {
    const own = this.#token << 1;
    return Atomics.compareExchange(this.#control, ROLE, own, own | 1) === own;
  }

  endWrite(): void {
    const own = this.#token << 1;
    Atomics.compareExchange(this.#control, ROLE, own | 1, own);
  }

  give(): void {
    const own = this.#token << 1;
    if (Atomics.load(this.#control, ROLE) !== own) return;
    Atomics.store(this.#control, DRAIN_TID, 0);
    Atomics.compareExchange(this.#control, ROLE, own, 0);
    Atomics.notify(this.#control, ROLE);
  }
}

/** The kernel's id of this thread (Linux); 0 where there is none to be had. */
function kernelThreadId(): number {
  try {
    return Number(basename(readlinkSync("/proc/thread-self")));
  } catch {
    return 0;
  }
}
