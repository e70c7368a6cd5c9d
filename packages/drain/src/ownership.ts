import { existsSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { CONTROL_BYTES, DRAIN_TID, ROLE } from "@spillway/core";

/**
 * The right to drain, a word in the control page: see ROLE in core/control.ts. Whoever holds it must take the writing
 * bit before it touches a sink, and may find that somebody else has taken the role over in between.
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
    return Atomics.compareExchange(this.#control, ROLE, held, this.#token << 1) === held;
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
    Atomics.compareExchange(this.#control, ROLE, own, 0);
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
