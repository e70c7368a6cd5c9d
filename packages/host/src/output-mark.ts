import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { removeFile } from "@spillway/spill";

/** Files whose records an output has, from the moment it is the file of this number and at least so long. */
interface Entry {
  readonly identity: number;
  readonly length: number;
  /** By path: the number of the file. */
  readonly files: Readonly<Record<string, number>>;
}

/**
 * What an output has of what dead processes left, so that a second recovery into it brings nothing twice: a file
 * `FILE.recovered` beside it. It is written before the output gets its name, with what the output has now and what the one
 * that is to take its name has: whichever of the two is there after a kill, its own entry counts.
 *
 * An output that was replaced, or cut short, has no entry: everything is recovered into it again.
 */
export class OutputMark {
  readonly #path: string;
  /** Of the output as it is now; undefined: nothing is known of it. */
  #entry: Entry | undefined;

  constructor(output: string) {
    this.#path = `${output}.recovered`;
    const there = statSync(output, { throwIfNoEntry: false });
    this.#entry = this.#read().find(
      ({ identity, length }) => there !== undefined && there.ino === identity && there.size >= length,
    );
  }

  /** Whether the output has what is in these files, each of which is still the one it was then. */
  has(paths: readonly string[]): boolean {
    const files = this.#entry?.files;
    return files !== undefined && paths.every((path) => files[path] !== undefined && files[path] === identityOf(path));
  }

  /** A file of this number and length, which is about to become the output, has these files' records besides. */
  note(identity: number, length: number, paths: readonly string[]): void {
    const more = paths.flatMap((path) => {
      const number = identityOf(path);
      return number === undefined ? [] : [[path, number] as const];
    });
    const entry = { identity, length, files: { ...this.#entry?.files, ...Object.fromEntries(more) } };
    this.#write(this.#entry === undefined ? [entry] : [this.#entry, entry]);
    this.#entry = entry;
  }

  /** Forgets files that are gone; nothing stays of a mark that names none. */
  prune(): void {
    if (this.#entry === undefined) return;
    const known = Object.entries(this.#entry.files);
    const left = known.filter(([path, number]) => identityOf(path) === number);
    if (left.length === 0) removeFile(this.#path);
    else if (left.length < known.length) this.#write([{ ...this.#entry, files: Object.fromEntries(left) }]);
  }

  #read(): readonly Entry[] {
    try {
      return JSON.parse(readFileSync(this.#path, "utf8")) as readonly Entry[];
    } catch {
      // None, or nobody can read it: then nothing is known.
      return [];
    }
  }

  #write(entries: readonly Entry[]): void {
    const unfinished = `${this.#path}-new`;
    const fd = openSync(unfinished, "w", 0o600);
    try {
      writeSync(fd, JSON.stringify(entries));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, this.#path);
  }
}

function identityOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
