// The memory that the busy main thread and the watching thread share.
//
//   0          8                          192
//   +----------+--------------------------+-----------------+
//   | stop,    | numbers, one 8-byte      | histogram of    |
//   | phase    | float for each name      | call durations  |
//   +----------+--------------------------+-----------------+
//
// Each number has one writing thread. An aligned 8-byte float is stored in one piece on every CPU that Node
// runs on, so a reader sees an old or a new number, never half of one.
import { HISTOGRAM_BYTES, Histogram } from "./histogram.mjs";

const STOP = 0;
const PHASE = 1;
const NUMBERS_OFFSET = 8;
const HISTOGRAM_OFFSET = 192;

const PHASES = ["starting", "working", "flushing", "checking", "done"];

/** Why a job stops before its end; the first means: go on. */
const STOP_REASONS = ["", "SIGINT", "SIGTERM", "SIGHUP", "parent gone"];

/** Where each number lives. */
export const AT = {
  // written by the main thread
  filesAll: 0,
  bytesAll: 1,
  files: 2,
  bytes: 3,
  records: 4,
  errors: 5,
  ringBytes: 6,
  startedAt: 7,
  deadlineAt: 8,
  // written by the watching thread
  linesInFile: 9,
  bytesInFile: 10,
};

export class Counters {
  #control;

  constructor(buffer = new SharedArrayBuffer(HISTOGRAM_OFFSET + HISTOGRAM_BYTES)) {
    this.buffer = buffer;
    this.numbers = new Float64Array(buffer, NUMBERS_OFFSET, Object.keys(AT).length);
    this.durations = new Histogram(buffer, HISTOGRAM_OFFSET);
    this.#control = new Int32Array(buffer, 0, 2);
  }

  /** The reason to stop, or '' while there is none. */
  get stop() {
    return STOP_REASONS[Atomics.load(this.#control, STOP)];
  }

  requestStop(reason) {
    // The first reason stays: a second ^C must not turn into another exit code.
    Atomics.compareExchange(this.#control, STOP, 0, STOP_REASONS.indexOf(reason));
  }

  get phase() {
    return PHASES[Atomics.load(this.#control, PHASE)];
  }

  set phase(name) {
    Atomics.store(this.#control, PHASE, PHASES.indexOf(name));
  }
}
