import type { Sink } from "@spillway/core";

/** Counts and forgets: what the pipeline costs without a destination. */
export class NullSink implements Sink {
  write(): void {}

  extent(): undefined {
    return undefined;
  }

  tail(): Uint8Array {
    return new Uint8Array(0);
  }

  close(): void {}
}
