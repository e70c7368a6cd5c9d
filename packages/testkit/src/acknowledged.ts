import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

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

/** As in spill/native.ts, whose tests stand on this package. */
interface Koffi {
  load(path: null): { func(prototype: string): (...args: unknown[]) => unknown };
  address(value: Uint8Array): bigint;
  errno(): number;
}

const MMAP = "intptr_t mmap(intptr_t at, size_t bytes, int protection, int flags, int fd, int64_t from)";
const PROT_READ_WRITE = 3;
const MAP_SHARED_FIXED = 0x11;

/** The producers' side: raises a cell after each call. */
export class Acknowledging {
  /** To be handed to other threads of the program. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Maps the file. Throws where that is impossible, without koffi too: a campaign without its truth proves nothing. */
  static map(path: string): Acknowledging {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    const { buffer: memory } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const fd = openSync(path, "r+");
    const at = koffi.address(new Uint8Array(memory));
    const mapped = koffi.load(null).func(MMAP)(at, PAGE_BYTES, PROT_READ_WRITE, MAP_SHARED_FIXED, fd, 0);
    closeSync(fd);
    if (BigInt(mapped as bigint | number) !== BigInt(at)) throw new Error(`mmap: errno ${koffi.errno()}`);
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
