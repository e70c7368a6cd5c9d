import { closeSync, constants, openSync, writeSync } from "node:fs";
import { CONTROL_BYTES, LANE_FILES, LANE_IS_MIRRORED, LANE_IS_REPLAYED, LANE_OWNER_STRIDE } from "@spillway/core";
import {
  CONSUMER_ACKED,
  CONSUMER_DICTIONARY_EPOCH,
  CONSUMER_DICTIONARY_USED,
  CONSUMERS,
  CONSUMERS_OFFSET,
  DICTIONARY_EPOCH,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  FRAMES_OFFSET,
  LANE_HEADER_BYTES,
  laneCapacity,
  laneOffset,
} from "@spillway/ring";

/**
 * Copies what the drain knows of a lane to the lane's file where that is not mapped: a lane that is mirrored, or one that
 * is being replayed from its file. Its part of the lane's head, cursors and commit slots, in one write within a page,
 * which a kill leaves whole; and, before a sink gets them, frames that the producer may not have copied yet: otherwise a
 * line that a kill cuts short could not be finished.
 *
 * Opens the file by itself, when it is first needed: descriptors belong to threads.
 */
export class LaneMirror {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #control: Int32Array;
  readonly #fileWord: number;
  readonly #capacity: number;
  readonly #path: string | undefined;
  readonly #word = new Int32Array(1);
  readonly #wordBytes = new Uint8Array(this.#word.buffer);
  #fd: number | undefined;
  #dictionaryEpoch: number | undefined;
  #dictionaryCopiedTo = 0;

  constructor(memory: SharedArrayBuffer, lane: number, path: string | undefined) {
    this.#capacity = laneCapacity(memory);
    const offset = laneOffset(lane, this.#capacity);
    this.#bytes = new Uint8Array(memory, offset, FRAMES_OFFSET + this.#capacity);
    this.#words = new Int32Array(memory, offset, LANE_HEADER_BYTES / 4);
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#fileWord = LANE_FILES + lane * LANE_OWNER_STRIDE;
    this.#path = path;
  }

  /** Frames and the dictionary they need are in the file before a sink has any of them. */
  copyFrames(startsAt: number, endsAt: number): void {
    if (Atomics.load(this.#control, this.#fileWord) !== LANE_IS_MIRRORED) return;
    this.#try((fd) => {
      this.#copyDictionary(fd);
      const length = (endsAt - startsAt) >>> 0;
      const start = startsAt & (this.#capacity - 1);
      const first = Math.min(length, this.#capacity - start);
      this.#write(fd, FRAMES_OFFSET + start, first);
      this.#write(fd, FRAMES_OFFSET, length - first);
    });
  }

  /** Notes in the file that space is free, before the producer may learn of it and write there. */
  ack(position: number): void {
    this.#try((fd) => {
      this.#word[0] = position | 0;
      writeSync(fd, this.#wordBytes, 0, 4, CONSUMERS_OFFSET + CONSUMER_ACKED * 4);
    });
  }

  /** A copy that could not be made makes a crash deliver twice what it would have delivered once. */
  copy(): void {
    this.#try((fd) => this.#write(fd, CONSUMERS_OFFSET, LANE_HEADER_BYTES - CONSUMERS_OFFSET));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #copyDictionary(fd: number): void {
    const words = this.#words;
    const epoch = Atomics.load(words, DICTIONARY_EPOCH);
    // Pairs with the store in DictionaryWriter.append(): entries before this are whole.
    const used = Atomics.load(words, DICTIONARY_USED);
    if (epoch !== this.#dictionaryEpoch) this.#dictionaryCopiedTo = 0;
    this.#dictionaryEpoch = epoch;
    this.#write(fd, DICTIONARY_OFFSET + this.#dictionaryCopiedTo, used - this.#dictionaryCopiedTo);
    this.#dictionaryCopiedTo = used;
    words[CONSUMERS + CONSUMER_DICTIONARY_USED] = used;
    words[CONSUMERS + CONSUMER_DICTIONARY_EPOCH] = epoch;
  }

  #write(fd: number, at: number, length: number): void {
    for (let done = 0; done < length; ) done += writeSync(fd, this.#bytes, at + done, length - done, at + done);
  }

  /** Never throws: the sinks matter more, and the next copy says what this one could not. */
  #try(copy: (fd: number) => void): void {
    const kept = Atomics.load(this.#control, this.#fileWord);
    if (this.#path === undefined || (kept !== LANE_IS_MIRRORED && kept !== LANE_IS_REPLAYED)) return;
    try {
      this.#fd ??= openSync(this.#path, constants.O_RDWR | constants.O_NOFOLLOW);
      copy(this.#fd);
    } catch {
      this.#dictionaryEpoch = undefined;
    }
  }
}
