import {
  DROP_REASONS,
  DROP_REPORT_COUNTS,
  DROP_REPORT_FIRST,
  DROP_REPORT_LAST,
  FRAME_DROPPED,
  frameTag,
  LEVEL_CLASSES,
} from "@spillway/core";
import { FULL, type Producer } from "@spillway/ring";

const COUNTS = DROP_REASONS.length * LEVEL_CLASSES.length;
const VALUES = DROP_REPORT_COUNTS + COUNTS;
const REPORT_BYTES = VALUES * 8 + 4;
/** A report is put into the ring this long after the first drop, should no call do it before. */
const REPORT_AFTER_MS = 250;

/** Records that were dropped and not yet reported in band. */
export class DropLedger {
  readonly #pending = new Float64Array(VALUES);
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** `retry` is called later, from a timer that keeps no process alive. */
  note(reason: number, levelClass: number, retry: () => void): void {
    const now = Date.now();
    if (this.#count === 0) this.#pending[DROP_REPORT_FIRST] = now;
    this.#pending[DROP_REPORT_LAST] = now;
    this.#pending[DROP_REPORT_COUNTS + reason * LEVEL_CLASSES.length + levelClass]! += 1;
    this.#count++;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      retry();
    }, REPORT_AFTER_MS);
    this.#timer.unref();
  }

  /** Puts the report into the ring, if there is room by now, `reserve` bytes aside. */
  report(memory: SharedArrayBuffer, producer: Producer, configId: number, reserve: number): boolean {
    const at = producer.tryClaim(REPORT_BYTES, reserve);
    if (at === FULL) return false;
    new Float64Array(memory, at, VALUES).set(this.#pending);
    new Int32Array(memory, at + VALUES * 8, 1)[0] = configId;
    producer.commit(frameTag(FRAME_DROPPED, 0, 0), REPORT_BYTES);
    this.#pending.fill(0);
    this.#count = 0;
    return true;
  }
}
