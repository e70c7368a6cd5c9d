import { CLOCK, CLOCK_FRESH, CONTROL_BYTES } from "@spillway/core";

/**
 * The worker's end of the shared clock. Reading a word costs a caller 5 ns, `Date.now()` 40 to 50 on virtual machines:
 * half of the cheapest call. So the worker reads the clock for everybody, each millisecond while it is awake, and says
 * when it cannot. See CLOCK_FRESH in core/control.ts; the caller's end is spillway/call-clock.ts.
 */
export class SharedClock {
  readonly #control: Int32Array;
  readonly #floats: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#floats = new Float64Array(memory, 0, CONTROL_BYTES / 8);
  }

  /** Answers the time it read. */
  refresh(): number {
    const now = Date.now();
    this.#floats[CLOCK] = now;
    // Orders the time before the word that vouches for it.
    Atomics.store(this.#control, CLOCK_FRESH, 1);
    return now;
  }

  /** To be called in front of whatever may take longer than a millisecond. */
  stop(): void {
    Atomics.store(this.#control, CLOCK_FRESH, 0);
  }
}
