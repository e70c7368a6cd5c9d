import { closeSync, constants, fstatSync, openSync } from "node:fs";
import type { Sink, StreamSinkSpec } from "@spillway/core";
import { DescriptorWriter } from "../writer.ts";

/**
 * Writes lines to the process's stdout or stderr, by descriptor: `process.stdout` of a worker thread goes through the
 * main thread, which may be busy or gone.
 *
 * A pipe is opened anew without blocking: a write to a full pipe would otherwise hold the worker inside the kernel,
 * where nobody can stop it. A reader that has gone (EPIPE) ends the output quietly, as for any program in a pipeline.
 */
export class StreamSink implements Sink {
  readonly #writer: DescriptorWriter;
  /** The process's descriptor, which stays open; ours may be another that leads to the same pipe. */
  readonly #given: number;
  #isBroken = false;

  constructor(spec: StreamSinkSpec) {
    this.#given = spec.type === "stdout" ? 1 : 2;
    this.#writer = new DescriptorWriter(withoutBlocking(this.#given));
  }

  write(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    try {
      this.#writer.write(bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
      this.#isBroken = true;
    }
  }

  extent(): undefined {
    return undefined;
  }

  tail(): Uint8Array {
    return new Uint8Array(0);
  }

  close(): void {
    if (this.#writer.fd !== this.#given) closeSync(this.#writer.fd);
  }
}

function withoutBlocking(fd: number): number {
  try {
    if (!fstatSync(fd).isFIFO()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // No /proc, or not ours to open: the descriptor as it is, which may block.
    return fd;
  }
}
