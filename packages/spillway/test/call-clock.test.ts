import { CLOCK, CLOCK_FRESH, CONTROL_BYTES } from "@spillway/core";
import { beforeEach, expect, test, vi } from "vitest";
import { CallClock } from "../src/call-clock.ts";

const START = 1_700_000_000_000;

/** Where the time is stamped: behind the control page. */
const STAMP = CONTROL_BYTES / 8;

/** A control page whose shared clock a test moves by hand, and the real clock beside it. */
class Clocks {
  readonly memory = new SharedArrayBuffer(CONTROL_BYTES + 8);
  readonly #control = new Int32Array(this.memory);
  readonly #floats = new Float64Array(this.memory);
  real = START;
  reads = 0;

  constructor() {
    vi.spyOn(Date, "now").mockImplementation(() => {
      this.reads++;
      return this.real;
    });
    this.shared = START;
    this.isFresh = true;
  }

  set shared(time: number) {
    this.#floats[CLOCK] = time;
  }

  get stamped(): number {
    return this.#floats[STAMP] ?? Number.NaN;
  }

  set isFresh(value: boolean) {
    this.#control[CLOCK_FRESH] = value ? 1 : 0;
  }
}

let clocks: Clocks;
let clock: CallClock;

beforeEach(() => {
  clocks = new Clocks();
  clock = new CallClock(clocks.memory);
});

function call(times: number): number[] {
  return Array.from({ length: times }, () => {
    clock.stamp(STAMP);
    return clocks.stamped;
  });
}

test("time: a shared word that moved is taken; one that stands still is checked, then taken 64 times", () => {
  call(1);
  expect(clocks.reads).toBe(0);
  call(1);
  expect(clocks.reads).toBe(1);
  call(64);
  expect(clocks.reads).toBe(1);
  call(1);
  expect(clocks.reads).toBe(2);
});

test("time: while nobody vouches for the shared word every call reads the clock", () => {
  clocks.isFresh = false;
  call(200);
  expect(clocks.reads).toBe(200);
});

test("time: of one record at most comes from a worker that was ended while it was awake", () => {
  clocks.real = START + 300;
  expect(call(3)).toEqual([START, START + 300, START + 300]);
});

test("time: a shared word found more than 5 ms behind is not asked again for 1024 calls", () => {
  clocks.real = START + 6;
  call(2);
  clocks.reads = 0;
  expect(new Set(call(1024))).toEqual(new Set([START + 6]));
  expect(clocks.reads).toBe(1024);
});

test("time: does not go back on a thread when the shared word lags behind a clock that was read", () => {
  clocks.real = START + 4;
  expect(call(2)).toEqual([START, START + 4]);
  clocks.shared = START + 2;
  expect(call(1)).toEqual([START + 4]);
  clocks.shared = START + 9;
  clocks.real = START + 9;
  expect(call(1)).toEqual([START + 9]);
});

test("time: goes back when somebody has set the clock back", () => {
  call(1);
  clocks.real = START - 3_600_000;
  clocks.shared = START - 3_600_000;
  expect(call(1)).toEqual([START - 3_600_000]);
});
