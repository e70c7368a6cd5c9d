import { createRequire } from "node:module";

/**
 * The calls of the C library that Node has not: through koffi, which npm installs with us where it can
 * (optionalDependencies) and which is looked for only when it is needed. All are made synchronously, on the thread that
 * asks. Constants are those of Linux; macOS has the same for all of these.
 */
export interface Native {
  /**
   * Lays `bytes` bytes of the file over the memory from byte `offset` on: from then on, that part of the memory is the
   * file. Both must be multiples of the size of a page. Throws, with the memory as it was, where the system refuses.
   *
   * Safe over WebAssembly memory alone: it never moves and is unmapped as a whole. Over a plain SharedArrayBuffer the
   * allocator would give mapped pages to somebody else after a collection.
   */
  mapOver(memory: SharedArrayBuffer, offset: number, bytes: number, fd: number): void;
  /**
   * An advisory lock on an open file, held until the descriptor is closed or the process is gone, however it went. False:
   * somebody has it.
   */
  lock(fd: number): boolean;
  /**
   * Has the file system set aside `bytes` bytes for the file, without writing them. False: it would not, or there is no
   * such call (macOS), and nobody knows how much of it was done.
   */
  allocate(fd: number, bytes: number): boolean;
}

interface Koffi {
  load(path: null): Library;
  address(value: Uint8Array): bigint;
  errno(): number;
}

interface Library {
  /** Throws where the library has no such function. */
  func(prototype: string): (...args: unknown[]) => unknown;
}

const PROT_READ_WRITE = 3;
const MAP_SHARED_FIXED = 0x11;
const LOCK_EX_NB = 6;

let loaded: Native | null | undefined;
/** Why there is none. */
let reason = "";

/** Undefined where koffi is not installed or cannot be used here; `whyNoNative` says why. */
export function loadNative(): Native | undefined {
  if (loaded === undefined) {
    try {
      if (process.platform === "win32") throw new Error("not on Windows");
      loaded = bind(createRequire(import.meta.url)("koffi") as Koffi);
    } catch (error) {
      reason = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
      loaded = null;
    }
  }
  return loaded ?? undefined;
}

export function whyNoNative(): string {
  return reason;
}

function bind(koffi: Koffi): Native {
  const library = koffi.load(null);
  const mmap = library.func(
    "intptr_t mmap(intptr_t at, size_t bytes, int protection, int flags, int fd, int64_t from)",
  );
  const flock = library.func("int flock(int fd, int operation)");
  const allocate = bindAllocate(library);
  return {
    mapOver(memory, offset, bytes, fd) {
      const at = koffi.address(new Uint8Array(memory, offset, bytes));
      const mapped = mmap(at, bytes, PROT_READ_WRITE, MAP_SHARED_FIXED, fd, 0);
      if (BigInt(mapped as bigint | number) !== BigInt(at)) throw new Error(`mmap: errno ${koffi.errno()}`);
    },
    lock: (fd) => flock(fd, LOCK_EX_NB) === 0,
    allocate: (fd, bytes) => allocate?.(fd, 0, bytes) === 0,
  };
}

function bindAllocate(library: Library): ((...args: unknown[]) => unknown) | undefined {
  try {
    return library.func("int posix_fallocate(int fd, int64_t from, int64_t bytes)");
  } catch {
    return undefined;
  }
}
