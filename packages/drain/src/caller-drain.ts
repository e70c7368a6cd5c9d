import { threadId } from "node:worker_threads";
import { CONTROL_BYTES, type DrainStart, ROLE_CALLER } from "@spillway/core";
import { Carrier } from "./carrier.ts";
import type { Trouble } from "./complaints.ts";
import { Ownership } from "./ownership.ts";
import { carry } from "./pipeline.ts";
import { recover } from "./recover.ts";

/**
 * The same pipeline on the thread that asks for it: for `sync: true`, and for last words when the worker is dead or
 * stuck. Holds the role only while it drains.
 */
export class CallerDrain {
  readonly #ownership: Ownership;
  readonly #start: DrainStart;
  readonly #control: Int32Array;
  readonly #trouble: Trouble;
  #carrier: Carrier | undefined;
  /** For last words: a carrier per sink, so that one that fails holds up no other. */
  readonly #single: (Carrier | undefined)[] = [];

  constructor(start: DrainStart, trouble: Trouble) {
    this.#start = start;
    this.#control = new Int32Array(start.memory, 0, CONTROL_BYTES / 4);
    this.#trouble = trouble;
    // Every thread its own token: two app threads that find the worker dead must not both believe that they hold the role.
    this.#ownership = new Ownership(start.memory, ROLE_CALLER - threadId);
  }

  /** Takes the role, from a worker if need be. False: the worker is in the middle of a write, which may still land. */
  takeRole(): boolean {
    return this.#ownership.take() || this.#ownership.takeOver();
  }

  /** Whether the thread that has the role no longer exists, so that no write of its can land any more. */
  get isHolderGone(): boolean {
    return this.#ownership.isHolderGone;
  }

  giveRole(): void {
    this.#ownership.give();
    this.#carrier?.close();
    this.#carrier = undefined;
  }

  /** Carries all that is committed now. False: a sink did not take it before `deadline` (Date.now()). */
  drain(deadline: number): boolean {
    recover(this.#start, this.#control, this.#ownership, this.#trouble);
    // Made anew with each role: the commit slots say how far whoever had it before has come.
    this.#carrier ??= new Carrier(this.#start, this.#ownership, this.#trouble);
    this.#carrier.deadline = deadline;
    this.#carrier.mark();
    let isCarried = this.#carrier.resume();
    while (isCarried && this.#carrier.hasMarked) isCarried = carry(this.#carrier) >= 0;
    // As long as the role stays with this thread, a batch that was cut short is gone on with where it was cut. Whoever
    // gets the role anew begins from the commit slots.
    if (!isCarried && !this.#ownership.isOurs) {
      this.#carrier.close();
      this.#carrier = undefined;
    }
    return isCarried;
  }

  /**
   * The end of the process: each sink for itself gets what it does not have yet. One that fails is asked again until
   * `deadline`, one that takes its records may go on until `latest`. Sinks of the user's own are left out unless
   * `withModules`. False: some sink does not have everything.
   */
  drainEach(deadline: number, latest: number, withModules: boolean): boolean {
    if (this.#start.sinks.length === 1 && (withModules || this.#start.sinks[0]?.spec.type !== "module")) {
      this.#carrierTo(undefined).mark();
      return this.#drainSink(undefined, deadline, latest);
    }
    let isComplete = true;
    // One mark for all of them: what a thread logs while the first sinks are served, they do not have yet, and the ring
    // must keep it.
    let targets: readonly number[] | undefined;
    for (const isModule of [false, true]) {
      for (const [index, { spec }] of this.#start.sinks.entries()) {
        if ((spec.type === "module") !== isModule) continue;
        if (isModule && !withModules) {
          isComplete = false;
          continue;
        }
        targets = this.#carrierTo(index).mark(targets);
        if (!this.#drainSink(index, deadline, latest)) isComplete = false;
      }
    }
    if (isComplete) for (const carrier of this.#single) carrier?.ackMarked();
    return isComplete;
  }

  /** The carrier to one sink; undefined: there is only one. */
  #carrierTo(only: number | undefined): Carrier {
    const place = only ?? 0;
    this.#single[place] ??= new Carrier(this.#start, this.#ownership, this.#trouble, undefined, only);
    return this.#single[place];
  }

  /** Up to its mark. */
  #drainSink(only: number | undefined, deadline: number, latest: number): boolean {
    const carrier = this.#carrierTo(only);
    carrier.deadline = deadline;
    while (carrier.hasMarked) {
      const now = Date.now();
      // Too late to make sure that a line cut short in a pipe is followed by whole ones.
      const isTooLate = now > latest || (now > deadline && carrier.isUncertain);
      if (!isTooLate && carry(carrier) >= 0) continue;
      carrier.close();
      this.#single[only ?? 0] = undefined;
      return false;
    }
    return true;
  }
}
