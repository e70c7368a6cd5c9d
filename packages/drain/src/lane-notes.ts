import { closeSync, constants, openSync, writeSync } from "node:fs";
import {
  CONTROL_BYTES,
  LANE_FILE_LIVES,
  LANE_FILES,
  LANE_MIRRORED,
  LANE_OWNER_STRIDE,
  type NotePlace,
} from "@spillway/core";
import {
  CONSUMER_ACKED,
  CONSUMER_ATTEMPT,
  CONSUMER_ATTEMPT_CHECK,
  CONSUMERS,
  CONSUMERS_OFFSET,
  CopiedWords,
  DICTIONARY_ENTRIES,
  DICTIONARY_EPOCH,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  distance,
  FRAMES_OFFSET,
  LANE_HEADER_BYTES,
  laneCapacity,
  laneOffset,
} from "@spillway/ring";
import { ringPath } from "@spillway/spill";
import type { Batch } from "./batch.ts";

const ATTEMPT_OFFSET = (CONSUMERS + CONSUMER_ATTEMPT) * 4;
const ATTEMPT_BYTES = (CONSUMER_ATTEMPT_CHECK - CONSUMER_ATTEMPT + 1) * 4;

interface DictionaryMark {
  readonly dictionaryUsed: number;
  readonly dictionaryEntries: number;
  readonly dictionaryEpoch: number;
}

/**
 * Copies what the drain knows of a lane to the lane's file where that is not mapped: a lane that is mirrored, or one that
 * is being replayed from its file. Its part of the lane's head, cursors and commit slots, each note in one write within a
 * page, so that a kill leaves it whole; and, before a sink gets them, frames that the producer may not have copied yet,
 * with the dictionary they need: otherwise a line that a kill cuts short could not be finished.
 *
 * Never throws: a note that could not be made makes a crash deliver twice what it would have delivered once.
 */
export class LaneNotes {
  /** The whole lane. */
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #copied: CopiedWords;
  readonly #control: Int32Array;
  readonly #capacity: number;
  readonly #keptWord: number;
  readonly #lifeWord: number;
  readonly #lane: number;
  readonly #place: NotePlace;
  readonly #acked = new Int32Array(2);
  readonly #ackedBytes = new Uint8Array(this.#acked.buffer);
  #fd = -1;
  #life = 0;
  #dictionaryEpoch: number | undefined;
  #dictionaryCopiedTo = 0;

  constructor(memory: SharedArrayBuffer, lane: number, place: NotePlace) {
    this.#capacity = laneCapacity(memory);
    const offset = laneOffset(lane, this.#capacity);
    this.#bytes = new Uint8Array(memory, offset, FRAMES_OFFSET + this.#capacity);
    this.#words = new Int32Array(memory, offset, LANE_HEADER_BYTES / 4);
    this.#copied = new CopiedWords(memory, lane);
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#keptWord = LANE_FILES + lane * LANE_OWNER_STRIDE;
    this.#lifeWord = LANE_FILE_LIVES + lane * LANE_OWNER_STRIDE;
    this.#lane = lane;
    this.#place = place;
  }

  /** Whether the lane is a dead process's, and its files are what is left of it. */
  get isReplayed(): boolean {
    return this.#place !== undefined && "files" in this.#place;
  }

  /** Frames and the dictionary they need are in the file before a sink has any of them. */
  copyFrames({ startsAt, endsAt, endsWith }: Batch): void {
    this.#mirror((fd) => {
      const dictionary = this.#copyDictionary(fd);
      const length = distance(startsAt, endsAt);
      const start = startsAt & (this.#capacity - 1);
      const first = Math.min(length, this.#capacity - start);
      this.#copy(fd, FRAMES_OFFSET + start, first);
      this.#copy(fd, FRAMES_OFFSET, length - first);
      this.#copied.store({ position: endsAt, seq: endsWith, ...dictionary });
      this.#copy(fd, CONSUMERS_OFFSET, LANE_HEADER_BYTES - CONSUMERS_OFFSET);
    });
  }

  /** The same of frames that did not fit into the ring: they are in files already. */
  copyDictionary(): void {
    this.#mirror((fd) => {
      this.#copyDictionary(fd);
    });
  }

  /** All of the drain's part, after a commit slot has changed. */
  copy(): void {
    this.#try((fd) => this.#copy(fd, CONSUMERS_OFFSET, LANE_HEADER_BYTES - CONSUMERS_OFFSET));
  }

  /** That space is free: before the producer may learn of it and write there. */
  ack(position: number, seq: number): void {
    this.#try((fd) => {
      this.#acked[0] = position | 0;
      this.#acked[1] = seq | 0;
      writeSync(fd, this.#ackedBytes, 0, this.#ackedBytes.length, CONSUMERS_OFFSET + CONSUMER_ACKED * 4);
    });
  }

  /**
   * Of a lane that is replayed: what is about to be done with its frames, in case the process dies of it, or that nothing
   * is: whatever it dies of then was not these frames. Of a lane of our
   * own the memory says it to whoever comes after a worker, and the file with the next commit.
   */
  attempt(): void {
    if (!this.isReplayed) return;
    this.#try((fd) => {
      this.#copy(fd, ATTEMPT_OFFSET, ATTEMPT_BYTES);
    });
  }

  close(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #copyDictionary(fd: number): DictionaryMark {
    const mark = this.#dictionary();
    if (mark.dictionaryEpoch !== this.#dictionaryEpoch) this.#dictionaryCopiedTo = 0;
    this.#dictionaryEpoch = mark.dictionaryEpoch;
    this.#copy(fd, DICTIONARY_OFFSET + this.#dictionaryCopiedTo, mark.dictionaryUsed - this.#dictionaryCopiedTo);
    this.#dictionaryCopiedTo = mark.dictionaryUsed;
    return mark;
  }

  /** The three of one moment: the producer goes on while they are read. */
  #dictionary(): DictionaryMark {
    const words = this.#words;
    while (true) {
      const dictionaryEpoch = Atomics.load(words, DICTIONARY_EPOCH);
      // Pairs with the store in DictionaryWriter.append(): entries before this are whole.
      const dictionaryUsed = Atomics.load(words, DICTIONARY_USED);
      const dictionaryEntries = Atomics.load(words, DICTIONARY_ENTRIES);
      if (Atomics.load(words, DICTIONARY_USED) !== dictionaryUsed) continue;
      if (Atomics.load(words, DICTIONARY_EPOCH) === dictionaryEpoch)
        return { dictionaryUsed, dictionaryEntries, dictionaryEpoch };
    }
  }

  #copy(fd: number, at: number, length: number): void {
    for (let done = 0; done < length; ) done += writeSync(fd, this.#bytes, at + done, length - done, at + done);
  }

  /** What only a lane of our own needs: one that is replayed was read from its file. */
  #mirror(copy: (fd: number) => void): void {
    if (this.#place !== undefined && !("files" in this.#place)) this.#try(copy);
  }

  #try(copy: (fd: number) => void): void {
    if (this.#place === undefined) return;
    try {
      const fd = this.#file(this.#place);
      if (fd !== -1) copy(fd);
    } catch {
      // The next one says it too, and copies what this one could not.
      this.#dictionaryEpoch = undefined;
    }
  }

  #file(place: NonNullable<NotePlace>): number {
    const life = Atomics.load(this.#control, this.#lifeWord);
    // The file may have been made anew, because it was deleted, say: then this one is nobody's.
    if (life !== this.#life) this.close();
    if (this.#fd !== -1) return this.#fd;
    this.#life = life;
    const isReplayed = "files" in place;
    if (!isReplayed && Atomics.load(this.#control, this.#keptWord) !== LANE_MIRRORED) return -1;
    const path = isReplayed ? place.files[this.#lane]?.path : ringPath(place.place, this.#lane);
    if (path !== undefined) this.#fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
    return this.#fd;
  }
}
