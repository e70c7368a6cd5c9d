/**
 * Puts lines of several sources into the order of their times. A source (a lane, a log) is in order by itself, and stays as
 * it is: this merges, it does not sort. Lines wait in a file, so that the memory it takes does not grow with how much or how
 * many sources there are. The file has no name: whatever ends the process ends it too.
 *
 *   one source after the other, each a row of:
 *   +---------------+----------+----------+-----------------+
 *   | time, float64 | length   | records  | lines           |
 *   | ms since 1970 | uint32   | uint32   | length bytes    |
 *   +---------------+----------+----------+-----------------+
 */
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { removeFile } from "@spillway/spill";

const HEAD_BYTES = 16;
/** Of all sources together, as long as each gets a page. */
const WINDOW_BYTES = 16 * 1024 * 1024;
const MIN_WINDOW_BYTES = 4096;
const MAX_WINDOW_BYTES = 256 * 1024;
const BATCH_BYTES = 256 * 1024;

/** Where in a text the line of a record begins, and the record's time. */
export interface LineTime {
  readonly startsAt: number;
  readonly timeMs: number;
}

export interface OrderedLines {
  readonly text: Buffer;
  readonly records: number;
}

export class TimeOrder {
  readonly #fd: number;
  #end = 0;
  /** Where each source begins. */
  readonly #begins: number[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `path`: a name that nobody has, in a folder with room; for a moment. Throws what the file system says. */
  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    removeFile(path);
  }

  beginSource(): void {
    this.#begins.push(this.#end);
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  /** The next lines of the source that was begun last. A line that no time is given for stays behind the one before it. */
  add(text: Uint8Array, records: number, times: readonly LineTime[]): void {
    const known = times.filter(({ timeMs }) => !Number.isNaN(timeMs));
    const starts = known[0]?.startsAt === 0 ? known : [{ startsAt: 0, timeMs: this.#lastMs }, ...known];
    const bytes = Buffer.allocUnsafe(text.length + starts.length * HEAD_BYTES);
    let at = 0;
    let recordsLeft = records;
    for (const [index, { startsAt, timeMs }] of starts.entries()) {
      const endsAt = starts[index + 1]?.startsAt ?? text.length;
      const isLast = index === starts.length - 1;
      const here = isLast ? recordsLeft : Math.min(1, recordsLeft);
      recordsLeft -= here;
      at = bytes.writeDoubleLE(timeMs, at);
      at = bytes.writeUInt32LE(endsAt - startsAt, at);
      at = bytes.writeUInt32LE(here, at);
      bytes.set(text.subarray(startsAt, endsAt), at);
      at += endsAt - startsAt;
      this.#lastMs = timeMs;
    }
    for (let from = 0; from < at; ) from += writeSync(this.#fd, bytes, from, at - from, this.#end + from);
    this.#end += at;
  }

  /** All of them, once. */
  *merged(): Generator<OrderedLines> {
    const share = Math.floor(WINDOW_BYTES / Math.max(1, this.#begins.length));
    const window = Math.min(MAX_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, share));
    const ends = [...this.#begins.slice(1), this.#end];
    const sources = this.#begins.map((from, index) => new Source(this.#fd, from, ends[index]!, window));
    let pieces: Buffer[] = [];
    let bytes = 0;
    let records = 0;
    while (true) {
      const { first, nextMs } = earliest(sources);
      if (first === undefined) break;
      // Of equal times the source goes on: what has no time of its own stays behind what it followed.
      do {
        const piece = first.take();
        pieces.push(piece.text);
        bytes += piece.text.length;
        records += piece.records;
        if (bytes < BATCH_BYTES) continue;
        yield { text: Buffer.concat(pieces), records };
        pieces = [];
        bytes = 0;
        records = 0;
      } while (!first.isAtEnd && first.timeMs <= nextMs);
    }
    if (bytes > 0) yield { text: Buffer.concat(pieces), records };
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The source whose head is the earliest, the first of equals; and the time of the head after it. */
function earliest(sources: readonly Source[]): { first: Source | undefined; nextMs: number } {
  let first: Source | undefined;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const source of sources) {
    if (source.isAtEnd) continue;
    if (first === undefined) first = source;
    else if (source.timeMs < first.timeMs) {
      nextMs = first.timeMs;
      first = source;
    } else nextMs = Math.min(nextMs, source.timeMs);
  }
  return { first, nextMs };
}

/** One source in the file, read a window at a time. */
class Source {
  readonly #fd: number;
  readonly #end: number;
  readonly #windowBytes: number;
  #window = Buffer.alloc(0);
  /** Of the window in the file. */
  #from: number;
  #at = 0;

  constructor(fd: number, from: number, end: number, windowBytes: number) {
    this.#fd = fd;
    this.#from = from;
    this.#end = end;
    this.#windowBytes = windowBytes;
  }

  get isAtEnd(): boolean {
    return this.#from + this.#at >= this.#end;
  }

  get timeMs(): number {
    this.#need(HEAD_BYTES);
    return this.#window.readDoubleLE(this.#at);
  }

  take(): OrderedLines {
    this.#need(HEAD_BYTES);
    const length = this.#window.readUInt32LE(this.#at + 8);
    const records = this.#window.readUInt32LE(this.#at + 12);
    this.#need(HEAD_BYTES + length);
    const text = this.#window.subarray(this.#at + HEAD_BYTES, this.#at + HEAD_BYTES + length);
    this.#at += HEAD_BYTES + length;
    return { text, records };
  }

  /** A new window: what was taken from the one before is in use still. */
  #need(bytes: number): void {
    if (this.#window.length - this.#at >= bytes) return;
    this.#from += this.#at;
    this.#at = 0;
    const length = Math.min(Math.max(bytes, this.#windowBytes), this.#end - this.#from);
    this.#window = Buffer.allocUnsafe(length);
    for (let read = 0; read < length; ) {
      const more = readSync(this.#fd, this.#window, read, length - read, this.#from + read);
      if (more === 0) throw new Error("a file of recovered lines has become shorter");
      read += more;
    }
  }
}
