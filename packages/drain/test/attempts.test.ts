import { CONTROL_EPOCH } from "@spillway/core";
import { ATTEMPT_READING, makeMemory } from "@spillway/ring";
import { expect, test } from "vitest";
import { Attempts } from "../src/attempts.ts";
import type { Source } from "../src/lane.ts";
import { LaneNotes } from "../src/lane-notes.ts";

const SOURCE = { drainedTo: 0, committedTo: 640 } as Source;
const MODULE_SINK = 1;

/** A lane whose drain dies again and again; each time a new one takes it up. */
class Deaths {
  readonly #memory = makeMemory({ lanes: 1, capacity: 65_536, epoch: 7, pid: 4711 });

  /** A drain comes, reads the frame at position 0 and dies of it, unless it survives and dies of what comes then. */
  die(then?: (attempts: Attempts) => void): void {
    const attempts = this.#takeUp();
    attempts.cautionAt(0);
    attempts.beginReading(SOURCE);
    if (then === undefined) return;
    attempts.endReading(64);
    then(attempts);
  }

  /** What comes next is another process. */
  newProcess(): void {
    new Int32Array(this.#memory)[CONTROL_EPOCH]! += 1;
  }

  /** What the next drain takes to be deadly. */
  get deadlyAt(): number | undefined {
    return this.#takeUp().cautionAt(0)?.deadlyAt;
  }

  #takeUp(): Attempts {
    const attempts = new Attempts(this.#memory, 0, false, new LaneNotes(this.#memory, 0, undefined), true);
    attempts.takeUp(0);
    return attempts;
  }
}

test("attempts: frames are deadly after one death with others and two alone, where the process lived on", () => {
  const deaths = new Deaths();
  const seen: (number | undefined)[] = [];
  for (let times = 0; times < 4; times++) {
    deaths.die();
    seen.push(deaths.deadlyAt);
  }
  expect(seen).toEqual([undefined, undefined, ATTEMPT_READING, ATTEMPT_READING]);
});

test("attempts: processes that are killed bring a frame into doubt, and only eight of them in a row condemn it", () => {
  const deaths = new Deaths();
  let times = 0;
  for (; deaths.deadlyAt === undefined && times < 100; times++) {
    deaths.die();
    deaths.newProcess();
  }
  expect(times).toBe(9);
});

test("attempts: who dies of one thing and then of another has died of neither twice", () => {
  const deaths = new Deaths();
  const write = (sink: number) => (attempts: Attempts) => attempts.beginWriting(sink);
  deaths.die();
  deaths.die();
  deaths.die(write(MODULE_SINK));
  expect(deaths.deadlyAt).toBeUndefined();
  deaths.die(write(MODULE_SINK + 1));
  expect(deaths.deadlyAt).toBeUndefined();
  deaths.die(write(MODULE_SINK + 1));
  expect(deaths.deadlyAt).toBe(MODULE_SINK + 2);
});

test("attempts: a death in between, with nothing under way, counts for nothing", () => {
  const deaths = new Deaths();
  deaths.die();
  deaths.die();
  for (let times = 0; times < 5; times++) deaths.die(() => undefined);
  expect(deaths.deadlyAt).toBeUndefined();
});

test("attempts: a frame that all sinks have is in doubt no more, and the next one has a clean record", () => {
  const deaths = new Deaths();
  deaths.die();
  deaths.die();
  deaths.die((attempts) => {
    attempts.done(64);
    attempts.beginReading({ ...SOURCE, drainedTo: 64 });
  });
  expect(deaths.deadlyAt).toBeUndefined();
});
