// Counts the lines of a file that is still growing: each look reads only what came since the last one.
import { closeSync, openSync, readSync } from "node:fs";

const PIECE_BYTES = 256 * 1024;
const NEWLINE = 10;

export class LineCounter {
  lines = 0;
  bytes = 0;
  #path;
  #fd;
  #piece = Buffer.allocUnsafe(PIECE_BYTES);

  constructor(path) {
    this.#path = path;
  }

  /** Takes in what is in the file now. */
  look() {
    if (this.#fd === undefined) {
      try {
        this.#fd = openSync(this.#path, "r");
      } catch (error) {
        if (error.code === "ENOENT") return; // nothing has been written yet
        throw error;
      }
    }
    for (;;) {
      const read = readSync(this.#fd, this.#piece, 0, PIECE_BYTES, this.bytes);
      if (read === 0) return;
      this.bytes += read;
      const part = this.#piece.subarray(0, read);
      for (let at = part.indexOf(NEWLINE); at !== -1; at = part.indexOf(NEWLINE, at + 1)) this.lines++;
    }
  }

  close() {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
