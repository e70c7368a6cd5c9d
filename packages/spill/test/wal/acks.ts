import type { StdioOptions } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** What a program says to its descriptor 3, one number a line: it is in the file before the program can die. */
export class Acks {
  readonly #file: string;
  readonly #fd: number;

  constructor(file: string) {
    this.#file = file;
    this.#fd = openSync(file, "a");
  }

  get stdio(): StdioOptions {
    return ["pipe", "pipe", "pipe", this.#fd];
  }

  all(): number[] {
    return readFileSync(this.#file, "utf8").split("\n").slice(0, -1).map(Number);
  }

  last(): number {
    return this.all().at(-1) ?? 0;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
