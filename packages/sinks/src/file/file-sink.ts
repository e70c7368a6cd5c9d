import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { FileSinkSpec, Sink, SinkExtent } from "@spillway/core";
import { DescriptorWriter } from "../writer.ts";

const DEFAULT_MODE = 0o640;
/** A file that was renamed or deleted under us is noticed after this long at the latest. */
const IDENTITY_CHECK_MS = 1000;

/**
 * Appends lines to a file. Opened when the worker starts, with its folders; opened anew when another file has taken its
 * name (rename by logrotate, deletion). While it cannot be opened or written, `write` throws and nothing is lost: the
 * caller offers the same bytes again.
 */
export class FileSink implements Sink {
  readonly #spec: FileSinkSpec;
  #writer: DescriptorWriter | undefined;
  #identity = 0;
  #checkedAt = 0;
  #isRegular = true;

  constructor(spec: FileSinkSpec) {
    this.#spec = spec;
  }

  write(bytes: Uint8Array): void {
    const writer = this.#writer ?? this.#open();
    writer.write(bytes);
  }

  extent(): SinkExtent | undefined {
    const writer = this.#reopened() ?? this.#open();
    if (!this.#isRegular) return undefined;
    return { length: fstatSync(writer.fd).size, identity: this.#identity };
  }

  tail(offset: number): Uint8Array {
    // The writing descriptor is append-only; reading takes one of its own.
    const fd = openSync(this.#spec.path, constants.O_RDONLY);
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - offset));
      let at = 0;
      while (at < bytes.length) {
        const read = readSync(fd, bytes, at, bytes.length - at, offset + at);
        if (read === 0) break;
        at += read;
      }
      return bytes.subarray(0, at);
    } finally {
      closeSync(fd);
    }
  }

  overwrite(offset: number, bytes: Uint8Array): void {
    // On the append-only descriptor the place would be ignored.
    const fd = openSync(this.#spec.path, constants.O_WRONLY);
    try {
      // Under the name there may be another file by now.
      if (fstatSync(fd).ino !== this.#identity) return;
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    if (this.#writer === undefined) return;
    closeSync(this.#writer.fd);
    this.#writer = undefined;
  }

  #open(): DescriptorWriter {
    mkdirSync(dirname(this.#spec.path), { recursive: true });
    const fd = openSync(this.#spec.path, this.#flags(), this.#spec.mode ?? DEFAULT_MODE);
    const opened = fstatSync(fd);
    this.#identity = opened.ino;
    this.#isRegular = opened.isFile();
    this.#writer = new DescriptorWriter(fd);
    return this.#writer;
  }

  /** A FIFO is opened without blocking: with nobody reading it, open and write answer at once, and are tried again. */
  #flags(): number {
    const append = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
    const existing = statSync(this.#spec.path, { throwIfNoEntry: false });
    return existing?.isFIFO() === true ? constants.O_WRONLY | constants.O_NONBLOCK : append;
  }

  /** The writer, after a look at whether the name still means its file. Only called between writes. */
  #reopened(): DescriptorWriter | undefined {
    const now = Date.now();
    if (this.#writer === undefined || now - this.#checkedAt < IDENTITY_CHECK_MS) return this.#writer;
    this.#checkedAt = now;
    const named = statSync(this.#spec.path, { throwIfNoEntry: false });
    if (named?.ino === this.#identity) return this.#writer;
    this.close();
    return undefined;
  }
}
