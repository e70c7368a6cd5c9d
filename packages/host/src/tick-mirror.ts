import { writeSync } from "node:fs";
import { CONTROL_BYTES, LANE_FILES, LANE_MIRRORED, LANE_OWNER_STRIDE } from "@spillway/core";
import {
  COMMITTED,
  CONSUMERS_OFFSET,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  distance,
  FRAMES_OFFSET,
  laneCapacity,
  laneOffset,
} from "@spillway/ring";

/**
 * The second best way to survive a kill, where a ring file cannot be mapped: at the end of each callback of the event
 * loop, what the callback logged is copied to the file, with one or two writes, and after it the head of the lane that
 * says so. A kill loses what the callback under way has logged.
 *
 * The producer's side only; the drain copies its own (drain/lane-notes.ts).
 */
export class TickMirror {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #control: Int32Array;
  readonly #keptWord: number;
  readonly #fd: () => number | undefined;
  readonly #capacity: number;
  readonly #trouble: (message: string) => void;
  #copiedTo: number;
  #dictionaryCopiedTo = 0;
  #isDue = false;
  #hasTold = false;

  /** `fd`: answers this thread's own, of the lane's ring file; that may be made anew. Undefined: it is closed. */
  constructor(
    memory: SharedArrayBuffer,
    lane: number,
    fd: () => number | undefined,
    trouble: (message: string) => void,
  ) {
    this.#capacity = laneCapacity(memory);
    const offset = laneOffset(lane, this.#capacity);
    this.#bytes = new Uint8Array(memory, offset, FRAMES_OFFSET + this.#capacity);
    this.#words = new Int32Array(memory, offset, FRAMES_OFFSET / 4);
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#keptWord = LANE_FILES + lane * LANE_OWNER_STRIDE;
    this.#fd = fd;
    this.#trouble = trouble;
    this.#copiedTo = this.#words[COMMITTED]! >>> 0;
  }

  /** Something was committed: it is copied when the callback under way returns. */
  touch(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    process.nextTick(this.copy);
  }

  /** What goes elsewhere now comes behind what was logged before, and needs the dictionary: both are copied first. */
  copyFirst(): void {
    const isCopied =
      this.#words[COMMITTED]! >>> 0 === this.#copiedTo && this.#words[DICTIONARY_USED] === this.#dictionaryCopiedTo;
    if (!isCopied) this.copy();
  }

  /** Copies what is new. Never throws: a full disk is told once, and what was not copied is, at the next touch. */
  readonly copy = (): void => {
    this.#isDue = false;
    // Otherwise the file is removed, and closed.
    if (Atomics.load(this.#control, this.#keptWord) !== LANE_MIRRORED) return;
    const fd = this.#fd();
    if (fd === undefined) return;
    try {
      this.#copy(fd);
      this.#hasTold = false;
    } catch (error) {
      if (this.#hasTold) return;
      this.#hasTold = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#trouble(`crash safety: the ring file cannot be written (${reason}); the newest records are in memory only`);
    }
  };

  #copy(fd: number): void {
    const committed = this.#words[COMMITTED]! >>> 0;
    const used = this.#words[DICTIONARY_USED]!;
    if (used < this.#dictionaryCopiedTo) this.#dictionaryCopiedTo = 0;
    this.#write(fd, DICTIONARY_OFFSET + this.#dictionaryCopiedTo, used - this.#dictionaryCopiedTo);
    this.#dictionaryCopiedTo = used;
    // More than a ring since the last copy: all of it is new, once round.
    const length = Math.min(distance(this.#copiedTo, committed), this.#capacity);
    const start = (committed - length) & (this.#capacity - 1);
    const first = Math.min(length, this.#capacity - start);
    this.#write(fd, FRAMES_OFFSET + start, first);
    this.#write(fd, FRAMES_OFFSET, length - first);
    this.#copiedTo = committed;
    // The head last: until it is there, recovery sees the lane as it was before.
    this.#write(fd, 0, CONSUMERS_OFFSET);
  }

  #write(fd: number, at: number, length: number): void {
    for (let done = 0; done < length; ) done += writeSync(fd, this.#bytes, at + done, length - done, at + done);
  }
}
