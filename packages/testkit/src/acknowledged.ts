import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { loadNative } from "@spillway/spill";

/**
 * What a program's log calls have returned, kept outside of the program: a file of one page that the program maps over
 * shared memory of its own. A store to it is in the kernel's hands at once, so that it survives whatever kills the
 * program, and costs nothing that would change what is measured.
 *
 *   0        64       128
 *   +--------+--------+--- ...     one cell per producer: an int32, the number of calls that returned
 */
const PAGE_BYTES = 65_536;
const CELL_WORDS = 16;

/** The DOM's types are not part of this project. */
declare const WebAssembly: {
  Memory: new (descriptor: {
    initial: number;
    maximum: number;
    shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
};

/** The producers' side: raises a cell after each call. */
export class Acknowledging {
  /** To be handed to other threads of the program. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Maps the file. Throws where that is impossible: a campaign without its truth proves nothing. */
  static map(path: string): Acknowledging {
    const native = loadNative();
    if (native === undefined) throw new Error("koffi is needed to keep what was acknowledged outside of the program");
    const { buffer: memory } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const fd = openSync(path, "r+");
    native.mapOver(memory, 0, PAGE_BYTES, fd);
    closeSync(fd);
    return new Acknowledging(memory);
  }

  raise(producer: number, calls: number): void {
    Atomics.store(this.#words, producer * CELL_WORDS, calls);
  }
}

/** The checker's side. */
export class Acknowledged {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, Buffer.alloc(PAGE_BYTES));
  }

  calls(producer: number): number {
    return readFileSync(this.path).readInt32LE(producer * CELL_WORDS * 4);
  }
}
