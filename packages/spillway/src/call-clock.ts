import { CLOCK, CLOCK_FRESH, CONTROL_BYTES } from "@spillway/core";

/** So many calls in a row take the shared clock's word; the next one checks it. */
const TRUSTED_CALLS = 64;
/** After the shared clock was caught this far behind, so many calls read the clock themselves. */
const MAX_LAG_MS = 5;
const DISTRUSTED_CALLS = 1024;
/** Up to here a step back is the shared clock's lag; beyond it somebody has set the clock. */
const MAX_STEP_BACK_MS = 50;

/**
 * The time of a record. While the drain worker is awake it refreshes a word in the control page every millisecond, and
 * most calls take that: 5 ns instead of 40 to 50 (measured in bench/questions/how-honest-is-the-time). The word is
 * behind the real clock, never ahead; within a thread the times of records do not go back.
 */
export class CallClock {
  readonly #control: Int32Array;
  readonly #floats: Float64Array;
  #trust = 0;
  #last = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#floats = new Float64Array(memory, 0, CONTROL_BYTES / 8);
  }

  now(): number {
    if (this.#trust > 0 && this.#control[CLOCK_FRESH] === 1) {
      this.#trust--;
      const shared = this.#floats[CLOCK]!;
      if (shared >= this.#last) {
        this.#last = shared;
        return shared;
      }
      if (this.#last - shared < MAX_STEP_BACK_MS) return this.#last;
    }
    return this.#check();
  }

  #check(): number {
    const real = Date.now();
    if (this.#trust < 0) this.#trust++;
    else if (this.#control[CLOCK_FRESH] === 1 && real - this.#floats[CLOCK]! > MAX_LAG_MS) this.#trust = -DISTRUSTED_CALLS;
    else this.#trust = TRUSTED_CALLS;
    this.#last = real;
    return real;
  }
}
