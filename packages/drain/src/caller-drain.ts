import { type DrainStart, ROLE_CALLER } from "@spillway/core";
import { Carrier, type Trouble } from "./carrier.ts";
import { Ownership } from "./ownership.ts";
import { carry } from "./pipeline.ts";

/**
 * The same pipeline on the thread that asks for it: for `sync: true`, and for last words when the worker is dead or
 * stuck. Holds the role only while it drains.
 */
export class CallerDrain {
  readonly #ownership: Ownership;
  readonly #start: DrainStart;
  readonly #trouble: Trouble;
  #carrier: Carrier | undefined;

  constructor(start: DrainStart, trouble: Trouble) {
    this.#start = start;
    this.#trouble = trouble;
    this.#ownership = new Ownership(start.memory, ROLE_CALLER);
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

  /** Carries all that is committed. False: a sink did not take it before `deadline` (Date.now()). */
  drain(deadline: number): boolean {
    // Made anew with each role: the commit slots say how far whoever had it before has come.
    this.#carrier ??= new Carrier(this.#start, this.#ownership, this.#trouble);
    this.#carrier.deadline = deadline;
    while (this.#carrier.hasMore) {
      if (carry(this.#carrier)) continue;
      // A writer holds the rest of what it could not write by reference: the next attempt begins from the commit slots.
      this.#carrier.close();
      this.#carrier = undefined;
      return false;
    }
    return true;
  }
}
