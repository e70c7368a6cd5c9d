import { CLOCK, CLOCK_FRESH, CONTROL_BYTES } from "@spillway/core";

/** So many calls in a row may take the same time from the shared clock; the next one checks it. */
const CALLS_PER_CHECK = 64;
/** After the shared clock was caught this far behind, so many calls read the clock themselves. */
const MAX_LAG_MS = 5;
const DISTRUSTED_CALLS = 1024;
/** Up to here a step back is the shared clock's lag; beyond it somebody has set the clock. */
const MAX_STEP_BACK_MS = 50;

/**
 * The time of a record. While the drain worker is awake it refreshes a word in the control page every millisecond, and
 * most calls take that: 5 ns instead of the 40 to 50 of Date.now() on a virtual machine. The word is behind the real
 * clock, never ahead; within a thread the times of records do not go back.
 *
 * A word that has moved since the last call is believed. One that has not is checked against the real clock, once, and
 * again after so many calls: in a burst thousands of calls share a millisecond, but a worker that was ended while it
 * was awake leaves the word standing. So at most 64 records in a row take their time from a worker that is no more, and
 * just one when the word stood still before.
 */
export class CallClock {
  readonly #control: Int32Array;
  readonly #floats: Float64Array;
  /** The time of the last record, in an array: a field would be boxed anew with each store. */
  readonly #last = new Float64Array(1);
  /** Calls that may still take the same time unchecked. */
  #unchecked = 0;
  #distrusted = 0;

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
    const last = this.#last;
    const before = last[0]!;
    const shared = floats[CLOCK]!;
    // One way for all common cases: a branch that is rarely taken would cost the optimized code its life when it is.
    const unchecked = this.#unchecked - 1;
    const left = shared > before ? 0 : unchecked;
    if (this.#control[CLOCK_FRESH] === 1 && this.#distrusted === 0 && left >= 0 && before - shared < MAX_STEP_BACK_MS) {
      const time = Math.max(shared, before);
      this.#unchecked = left;
      last[0] = time;
      floats[at] = time;
      return;
    }
    floats[at] = this.now();
  }

  /** The real clock, and a look at how far the shared one is behind it. */
  now(): number {
    const real = Date.now();
    if (this.#distrusted > 0) this.#distrusted--;
    else if (this.#control[CLOCK_FRESH] === 1 && real - this.#floats[CLOCK]! > MAX_LAG_MS)
      this.#distrusted = DISTRUSTED_CALLS;
    else this.#unchecked = CALLS_PER_CHECK;
    // A step back of the real clock is followed; the lag of the shared one behind what was read before is not.
    this.#last[0] = real;
    return real;
  }
}
