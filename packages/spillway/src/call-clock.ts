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
  /** The time of the last record, in an array: a field would be boxed anew with each store. */
  readonly #last = new Float64Array(1);
  #trust = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#floats = new Float64Array(memory);
  }

  /**
   * Stores the time at float64 index `at` of the memory. Answering it would cost 16 bytes of heap in every call: a
   * double that crosses a call that is not inlined is boxed.
   */
  stamp(at: number): void {
    const floats = this.#floats;
    if (this.#trust > 0 && this.#control[CLOCK_FRESH] === 1) {
      this.#trust--;
      const shared = floats[CLOCK]!;
      const last = this.#last[0]!;
      if (shared >= last) {
        this.#last[0] = shared;
        floats[at] = shared;
        return;
      }
      if (last - shared < MAX_STEP_BACK_MS) {
        floats[at] = last;
        return;
      }
    }
    floats[at] = this.now();
  }

  /** The real clock, and a look at how far the shared one is behind it. */
  now(): number {
    const real = Date.now();
    if (this.#trust < 0) this.#trust++;
    else if (this.#control[CLOCK_FRESH] === 1 && real - this.#floats[CLOCK]! > MAX_LAG_MS) this.#trust = -DISTRUSTED_CALLS;
    else this.#trust = TRUSTED_CALLS;
    this.#last[0] = real;
    return real;
  }
}
