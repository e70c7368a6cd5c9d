import path from "node:path";
import type { Cursor } from "./cursor.ts";
import { syncFolderLater, type WalFileOperations } from "./files.ts";

/** A segment nobody writes to any more. */
export interface OldSegment {
  readonly file: string;
  readonly lastSeq: number;
  /** Damaged inside: kept under another name, which no reader of the log looks at, instead of being removed. */
  readonly isEvidence: boolean;
}

/**
 * Takes away what was pruned, in an order in which dying is harmless: the cursor is durable before a file goes, so a
 * reader never misses frames of a file that went.
 */
export class OldSegments {
  readonly #log: string;
  readonly #cursor: Cursor;
  readonly #fs: WalFileOperations;
  readonly #onTrouble: (error: Error) => void;
  #segments: OldSegment[] = [];
  #removal: Promise<void> = Promise.resolve();

  constructor(log: string, cursor: Cursor, fs: WalFileOperations, onTrouble: (error: Error) => void) {
    this.#log = log;
    this.#cursor = cursor;
    this.#fs = fs;
    this.#onTrouble = onTrouble;
  }

  add(segment: OldSegment): void {
    this.#segments.push(segment);
  }

  /** Resolves when all that holds nothing behind `prunedTo` has gone. What cannot go is told, and tried again. */
  remove(prunedTo: number): Promise<void> {
    this.#removal = this.#removal.then(() => this.#removeNow(prunedTo)).catch(this.#onTrouble);
    return this.#removal;
  }

  async #removeNow(prunedTo: number): Promise<void> {
    const goes = this.#segments.filter(({ lastSeq }) => lastSeq <= prunedTo);
    if (goes.length === 0) return;
    await settled((done) => this.#cursor.syncLater(done));
    for (const segment of goes) {
      const file = path.join(path.dirname(this.#log), segment.file);
      if (segment.isEvidence) this.#fs.renameSync(file, `${file}.bad`);
      else this.#fs.unlinkSync(file);
      this.#segments = this.#segments.filter((other) => other !== segment);
    }
    await settled((done) => syncFolderLater(this.#log, this.#fs, done));
  }
}

function settled(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(error)));
  });
}
