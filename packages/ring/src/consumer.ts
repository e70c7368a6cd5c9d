import {
  alignFrame,
  DamagedFrameError,
  FRAME_CHECK_WORD,
  FRAME_HEADER_BYTES,
  FRAME_LENGTH_WORD,
  FRAME_PAD,
  FRAME_SEQ_WORD,
  FRAME_TAG_WORD,
  frameCheck,
} from "@spillway/core";
import {
  COMMITTED,
  CONSUMER_ACKED,
  CONSUMER_ACTIVE,
  CONSUMER_DRAINED,
  CONSUMER_STRIDE,
  CONSUMERS,
  FRAMES_OFFSET,
  LANE_EPOCH,
  laneOffset,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";

/**
 * Called with the frame's tag and its payload's place in the memory; the bytes are only its own until the frame is
 * acked. Answers false to stop in front of this frame.
 */
export type FrameHandler = (tag: number, offset: number, length: number) => boolean;

/**
 * A reading end of a lane; several may read the same lane, each with a cursor of its own (`index`). Exactly one thread
 * may hold a given cursor. Frames handed out stay where they are until `ack` frees them.
 */
export class Consumer {
  readonly #words: Int32Array;
  readonly #lane: number;
  readonly #own: number;
  readonly #frames: number;
  readonly #capacity: number;
  readonly #epoch: number;
  #head: number;
  #nextSeq: number | undefined;

  constructor(memory: SharedArrayBuffer, laneIndex: number, index = 0) {
    this.#capacity = laneCapacity(memory);
    const offset = laneOffset(laneIndex, this.#capacity);
    this.#words = new Int32Array(memory);
    this.#lane = offset >>> 2;
    this.#own = this.#lane + CONSUMERS + index * CONSUMER_STRIDE;
    this.#frames = offset + FRAMES_OFFSET;
    this.#epoch = this.#words[this.#lane + LANE_EPOCH]!;
    // What was drained but not acked by an earlier holder of this cursor is drained again.
    this.#head = Atomics.load(this.#words, this.#own + CONSUMER_ACKED) >>> 0;
  }

  get drainedTo(): number {
    return this.#head;
  }

  get ackedTo(): number {
    return Atomics.load(this.#words, this.#own + CONSUMER_ACKED) >>> 0;
  }

  /** Whether there is something to drain. */
  get hasMore(): boolean {
    return Atomics.load(this.#words, this.#lane + COMMITTED) >>> 0 !== this.#head;
  }

  get committedTo(): number {
    return Atomics.load(this.#words, this.#lane + COMMITTED) >>> 0;
  }

  /** Makes the producer wait for this cursor; only frames committed from now on are this consumer's. */
  activate(): void {
    Atomics.store(this.#words, this.#own + CONSUMER_ACKED, Atomics.load(this.#words, this.#lane + COMMITTED));
    Atomics.store(this.#words, this.#own + CONSUMER_ACTIVE, 1);
    // Read again: before ACTIVE was set the producer did not wait, and may have gone a lap further.
    const committed = Atomics.load(this.#words, this.#lane + COMMITTED);
    Atomics.store(this.#words, this.#own + CONSUMER_DRAINED, committed);
    Atomics.store(this.#words, this.#own + CONSUMER_ACKED, committed);
    this.#head = committed >>> 0;
    this.#nextSeq = undefined;
  }

  /**
   * Hands over what is committed now, at most `limit` frames and `limitBytes` bytes, and answers how many frames it
   * was. A handler that throws has had its frame: the next drain goes on behind it.
   */
  drain(onFrame: FrameHandler, limit: number, limitBytes: number = this.#capacity): number {
    const words = this.#words;
    // Pairs with the store in Producer.commit(): frames before this position are whole.
    const committed = Atomics.load(words, this.#lane + COMMITTED) >>> 0;
    const from = this.#head;
    if ((committed - from) >>> 0 > this.#capacity)
      throw new DamagedFrameError(`${committed} as the end of the frames`, from);
    let frames = 0;
    try {
      while (this.#head !== committed && frames < limit && (this.#head - from) >>> 0 < limitBytes) {
        const start = this.#frames + (this.#head & (this.#capacity - 1));
        const head = start >>> 2;
        const length = words[head + FRAME_LENGTH_WORD]!;
        const tag = words[head + FRAME_TAG_WORD]!;
        const seq = words[head + FRAME_SEQ_WORD]!;
        this.#verify(words[head + FRAME_CHECK_WORD]!, length, tag, seq, committed);
        const before = this.#head;
        this.#head = (before + alignFrame(FRAME_HEADER_BYTES + length)) >>> 0;
        this.#nextSeq = (seq + 1) | 0;
        if ((tag & 0xff) === FRAME_PAD) continue;
        if (!onFrame(tag, start + FRAME_HEADER_BYTES, length)) {
          this.#head = before;
          this.#nextSeq = seq;
          break;
        }
        frames++;
      }
    } finally {
      Atomics.store(words, this.#own + CONSUMER_DRAINED, this.#head | 0);
    }
    return frames;
  }

  /** Back to the frame at `position`, which has not been acked. */
  rewind(position: number): void {
    this.#head = position;
    this.#nextSeq = undefined;
    Atomics.store(this.#words, this.#own + CONSUMER_DRAINED, position | 0);
  }

  /** Gives everything before `position` back to the producer. Pairs with the load in Producer.#slowestAcked(). */
  ack(position: number): void {
    Atomics.store(this.#words, this.#own + CONSUMER_ACKED, position | 0);
  }

  /** Past this, a frame lies between what is acked and what is committed, in one piece, inside of the lane. */
  #verify(check: number, length: number, tag: number, seq: number, committed: number): void {
    if (check !== frameCheck(length, tag, seq, this.#epoch)) throw new DamagedFrameError("no frame", this.#head);
    if (this.#nextSeq !== undefined && seq !== this.#nextSeq) {
      throw new DamagedFrameError(`frame ${seq >>> 0} where ${this.#nextSeq >>> 0} was due`, this.#head);
    }
    const toEnd = this.#capacity - (this.#head & (this.#capacity - 1));
    const toCommitted = (committed - this.#head) >>> 0;
    const most = (toEnd < toCommitted ? toEnd : toCommitted) - FRAME_HEADER_BYTES;
    if (length < 0 || length > most) throw new DamagedFrameError(`frame of ${length} bytes`, this.#head);
  }
}
