import { UndurableError } from "@spillway/core";

interface Waiter {
  /** The number of the last frame it waits for. */
  readonly target: number;
  readonly resolve: () => void;
  readonly reject: (error: UndurableError) => void;
}

/** Those who wait until their frames are durable, and what nobody who waits has been told. */
export class Waiters {
  #waiters: Waiter[] = [];
  #untold: UndurableError | undefined;

  wait(target: number, settledTo: number): Promise<void> {
    const error = this.takeUntold();
    if (error !== undefined) return Promise.reject(error);
    if (settledTo >= target) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ target, resolve, reject });
    });
  }

  /** Frames up to `seq` are durable. */
  serve(seq: number): void {
    const served = this.#waiters.filter(({ target }) => target <= seq);
    this.#waiters = this.#waiters.filter(({ target }) => target > seq);
    for (const { resolve } of served) resolve();
  }

  /** The next frames were given up. Whoever waits does so for them too: those before have been served. */
  refuse(error: UndurableError): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(error);
    if (waiters.length > 0) return;
    const { path, errno, cause } = error;
    const count = error.count + (this.#untold?.count ?? 0);
    this.#untold = new UndurableError(path, errno, count, cause);
  }

  /** Frames were given up while nobody waited: the next one who asks is told. */
  takeUntold(): UndurableError | undefined {
    const error = this.#untold;
    this.#untold = undefined;
    return error;
  }
}
