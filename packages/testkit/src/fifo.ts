import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";

export interface MadeFifo {
  readonly path: string;
  /** Opens the reading end, without waiting for a writer. */
  open(): void;
  /** All that is in it now. */
  read(): Buffer;
  close(): void;
}

/** A named pipe, for sinks that nobody reads, or not yet. */
export function makeFifo(path: string): MadeFifo {
  execFileSync("env", ["mkfifo", path]);
  let fd: number | undefined;
  return {
    path,
    open: () => {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    },
    read: () => {
      if (fd === undefined) throw new Error("open() first");
      return readAll(fd);
    },
    close: () => {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function readAll(fd: number): Buffer {
  const parts: Buffer[] = [];
  while (true) {
    const part = Buffer.alloc(65_536);
    try {
      const length = readSync(fd, part);
      // 0: no writer has it open.
      if (length === 0) break;
      parts.push(part.subarray(0, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") break;
      throw error;
    }
  }
  return Buffer.concat(parts);
}
