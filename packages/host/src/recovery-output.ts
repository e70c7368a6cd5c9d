import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { OutputError } from "@spillway/core";
import { loadNative, parseRingName, parseSegmentName, removeFile, setAside } from "@spillway/spill";
import { OutputMark } from "./output-mark.ts";
import { type LineTime, TimeOrder } from "./time-order.ts";

/** Another recovery into the same file ends some time; somebody who stands still does not. */
const TURN_MS = 30_000;
const LOOK_MS = 20;

/** A file whose records are in the output. */
export interface DoneFile {
  readonly path: string;
  /** It is kept, out of the way of the next recovery: what could not be read may be of use to somebody. */
  readonly isDamaged: boolean;
}

/** Files that are to go when `output` is the file of this number; written before it becomes that. */
interface Removal {
  readonly identity: number;
  readonly files: readonly (DoneFile & { readonly identity: number })[];
}

/**
 * The one file that gets what several dead processes left, in the order of its times. It is there with all of it, or as it
 * was before:
 *
 *   FILE.partial      what FILE held, and what is written now; takes the name FILE when all is written and synced
 *   FILE.recovering   locked as long as one recovers into FILE; names the files that go when FILE has its name.
 *                     Killed in between, the next one removes them first: their records are in FILE
 *   FILE.recovered    names the files that stay, and whose records are in FILE: see output-mark.ts
 *
 * A pipe or a device has no other name to be written under: it gets the records when all are read.
 */
export class RecoveryOutput {
  readonly #path: string;
  /** Undefined: not a regular file. */
  readonly #partial: string | undefined;
  #lock: number | undefined;
  #mark: OutputMark | undefined;
  #fd: number | undefined;
  /** How many the disk had room for, while they are collected; while they are written, how many of them are. */
  #records = 0;
  #order: TimeOrder | undefined;

  /** Waits until nobody else recovers into the same file. Throws OutputError. */
  constructor(path: string) {
    try {
      const there = statSync(path, { throwIfNoEntry: false });
      if (there?.isDirectory() === true) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
      // A link stays one; the folder has to be there.
      this.#path = there === undefined ? join(realpathSync(dirname(path)), basename(path)) : realpathSync(path);
      this.#partial = there === undefined || there.isFile() ? `${this.#path}.partial` : undefined;
      if (this.#partial === undefined) return;
      this.#lock = lockOf(this.#lockPath);
      this.#finishRemoval();
      this.#mark = new OutputMark(this.#path);
    } catch (error) {
      this.close();
      throw new OutputError(path, 0, error);
    }
  }

  /** Whether an earlier recovery has brought here what is in these files. */
  has(paths: readonly string[]): boolean {
    return this.#mark?.has(paths) === true;
  }

  /** From here on lines of another source, which is in order by itself. */
  beginSource(): void {
    this.#attempt(() => this.#ordered().beginSource());
  }

  /** Lines for `finish`, which puts those of all sources in order. */
  add(text: Uint8Array, records: number, times: readonly LineTime[]): void {
    this.#attempt(() => this.#ordered().add(text, records, times));
    this.#records += records;
  }

  /** All is here: it is written, the file gets its name, and then, with `cleanup`, what was read goes. */
  finish(done: readonly DoneFile[], cleanup: boolean): void {
    this.#attempt(() => {
      this.#records = 0;
      for (const { text, records } of this.#order?.merged() ?? []) {
        this.#fd ??= this.#open();
        for (let at = 0; at < text.length; ) at += writeSync(this.#fd, text, at);
        this.#records += records;
      }
      if (this.#partial !== undefined && this.#fd !== undefined) {
        fsyncSync(this.#fd);
        const { ino, size } = fstatSync(this.#fd);
        const going = cleanup ? done : [];
        this.#note({ identity: ino, files: going.map((file) => ({ ...file, identity: identityOf(file.path) ?? 0 })) });
        this.#mark?.note(
          ino,
          size,
          done.map(({ path }) => path),
        );
        renameSync(this.#partial, this.#path);
      }
    });
    if (cleanup) for (const file of done) letGo(file);
    this.#attempt(() => this.#mark?.prune());
  }

  /** Whatever was not finished is as if it had not been begun. */
  close(): void {
    this.#order?.close();
    if (this.#fd !== undefined) closeSync(this.#fd);
    if (this.#lock === undefined) return;
    removeFile(`${this.#partial}`);
    // The name first: who gets the lock next sees that it is the lock of nothing.
    removeFile(this.#lockPath);
    closeSync(this.#lock);
  }

  get #lockPath(): string {
    return `${this.#path}.recovering`;
  }

  #ordered(): TimeOrder {
    const name = `${process.pid}.${threadId}.${Date.now()}.sorting`;
    this.#order ??= new TimeOrder(this.#partial === undefined ? join(tmpdir(), name) : `${this.#path}.${name}`);
    return this.#order;
  }

  #open(): number {
    if (this.#partial === undefined) return openSync(this.#path, constants.O_WRONLY);
    const there = statSync(this.#path, { throwIfNoEntry: false });
    removeFile(this.#partial);
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
    if (there === undefined) return openSync(this.#partial, flags | constants.O_CREAT | constants.O_EXCL, 0o640);
    copyFileSync(this.#path, this.#partial, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    return openSync(this.#partial, flags);
  }

  #note(removal: Removal): void {
    if (this.#lock === undefined) return;
    writeSync(this.#lock, JSON.stringify(removal), 0);
    fsyncSync(this.#lock);
  }

  /** What one that was killed between the name and the removal has left to do. */
  #finishRemoval(): void {
    const lock = this.#lock ?? -1;
    const noted = readRemoval(this.#lockPath);
    if (noted !== undefined && identityOf(this.#path) === noted.identity) {
      for (const { identity, ...file } of noted.files) {
        const name = basename(file.path);
        const isOurs = parseRingName(name) !== undefined || parseSegmentName(name) !== undefined;
        if (isOurs && identityOf(file.path) === identity) letGo(file);
      }
    }
    ftruncateSync(lock);
  }

  #attempt(does: () => void): void {
    try {
      does();
    } catch (error) {
      throw new OutputError(this.#path, this.#records, error);
    }
  }
}

function letGo({ path, isDamaged }: DoneFile): void {
  if (isDamaged) setAside({ path });
  else removeFile(path);
}

function lockOf(path: string): number {
  const native = loadNative();
  const nobodyNotifies = new Int32Array(new SharedArrayBuffer(4));
  const deadline = Date.now() + TURN_MS;
  while (true) {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    // Whoever had it before removes it at the end: then this is the lock of nothing.
    if (native === undefined || (native.lock(fd) && identityOf(path) === fstatSync(fd).ino)) return fd;
    closeSync(fd);
    if (Date.now() > deadline) throw Object.assign(new Error("another recovery writes it"), { code: "EBUSY" });
    Atomics.wait(nobodyNotifies, 0, 0, LOOK_MS);
  }
}

function identityOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function readRemoval(path: string): Removal | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Removal;
  } catch {
    // Empty, or cut short: then the file had not got its name yet.
    return undefined;
  }
}
