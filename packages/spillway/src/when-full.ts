import { ACKS } from "@spillway/core";
import type { Engine } from "@spillway/host";

/** How long one wait lasts before the worker's state is looked at again. */
const LOOK_MS = 20;

interface Waited {
  readonly since: number;
  readonly heartbeat: number;
}

/** What a call does when its lane has no room. */
export class WhenFullPolicy {
  readonly #engine: Engine;
  /** The number of acks when waiting was given up last: until there is another, nobody waits again. */
  #gaveUpAt = -1;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  begin(): Waited {
    return { since: Date.now(), heartbeat: this.#engine.heartbeat };
  }

  /** True: there may be room now, try again. False: the record is to be dropped. */
  wait(waited: Waited): boolean {
    const engine = this.#engine;
    const { whenFull, maxBlockMs } = engine.share.options;
    if (engine.isClosed) return false;
    if (engine.isInline) return engine.drainHere(maxBlockMs);
    const acks = Atomics.load(engine.control, ACKS);
    if (whenFull === "drop" || acks === this.#gaveUpAt) {
      engine.wakeIfParked();
      return false;
    }
    if (Date.now() - waited.since < maxBlockMs) {
      engine.waitForAck(Math.min(LOOK_MS, maxBlockMs));
      return true;
    }
    // The worker has been silent all the while: dead, and nobody could replace it while this thread is blocked.
    if (engine.heartbeat === waited.heartbeat && engine.drainHere(maxBlockMs)) return true;
    this.#gaveUpAt = acks;
    return false;
  }
}
