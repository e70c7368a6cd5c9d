import {
  alignFrame,
  DamagedFrameError,
  FRAME_ALIGNMENT,
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
  CONSUMER_ACKED_SEQ,
  CONSUMER_ACTIVE,
  CONSUMER_DRAINED,
  CONSUMER_STRIDE,
  CONSUMERS,
  FRAMES_OFFSET,
  LANE_EPOCH,
  laneOffset,
  SEQ,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";

/**
 * Called with the frame's tag and its payload's place in the memory; the bytes are only its own until the frame is
 * acked. Answers false to stop in front of this frame.
 */
export type FrameHandler = (tag: number, offset: number, length: number) => boolean;

/** A stretch of a lane in which there should be frames and are none. */
export interface Gap {
  /** Positions: where the first missing frame was due, and the next whole one. */
  readonly from: number;
  readonly to: number;
  /** How many are missing, pad frames among them. */
  readonly frames: number;
  /** Why the first one is none. */
  readonly reason: string;
}

export type GapHandler = (gap: Gap) => void;

/**
 * A reading end of a lane; several may read the same lane, each with a cursor of its own (`index`). Exactly one thread
 * may hold a given cursor. Frames handed out stay where they are until `ack` frees them.
 */
export class Consumer {
  readonly #words: Int32Array;
  readonly #lane: number;
  readonly #own: number;
  /** ACKED and ACKED_SEQ in one. */
  readonly #acked: BigUint64Array;
  readonly #frames: number;
  readonly #capacity: number;
  readonly #epoch: number;
  #head: number;
  /** Number of the frame at the head; undefined: whatever it says. */
  #nextSeq: number | undefined;

  constructor(memory: SharedArrayBuffer, laneIndex: number, index = 0) {
    this.#capacity = laneCapacity(memory);
    const offset = laneOffset(laneIndex, this.#capacity);
    this.#words = new Int32Array(memory);
    this.#lane = offset >>> 2;
    this.#own = this.#lane + CONSUMERS + index * CONSUMER_STRIDE;
    this.#acked = new BigUint64Array(memory, (this.#own + CONSUMER_ACKED) * 4, 1);
    this.#frames = offset + FRAMES_OFFSET;
    this.#epoch = this.#words[this.#lane + LANE_EPOCH]!;
    // What was drained but not acked by an earlier holder of this cursor is drained again.
    const acked = Atomics.load(this.#acked, 0);
    this.#head = Number(acked & 0xffff_ffffn);
    this.#nextSeq = Number(acked >> 32n) | 0;
  }

  get drainedTo(): number {
    return this.#head;
  }

  get ackedTo(): number {
    return Atomics.load(this.#words, this.#own + CONSUMER_ACKED) >>> 0;
  }

  /** Number of the frame at ACKED. */
  get ackedSeq(): number {
    return Atomics.load(this.#words, this.#own + CONSUMER_ACKED_SEQ) >>> 0;
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
    const committed = Atomics.load(this.#words, this.#lane + COMMITTED) >>> 0;
    Atomics.store(this.#words, this.#own + CONSUMER_DRAINED, committed | 0);
    this.ack(committed);
    this.#head = committed;
    this.#nextSeq = undefined;
  }

  /**
   * Hands over what is committed now, at most `limit` frames and `limitBytes` bytes, and answers how many frames it
   * was. A handler that throws has had its frame: the next drain goes on behind it.
   *
   * Where a frame is damaged: with `onGap`, tells it what is missing and goes on with the next whole frame; without,
   * throws DamagedFrameError and stays where it is.
   */
  drain(onFrame: FrameHandler, limit: number, limitBytes: number = this.#capacity, onGap?: GapHandler): number {
    const words = this.#words;
    // Pairs with the store in Producer.commit(): frames before this position are whole.
    const committed = Atomics.load(words, this.#lane + COMMITTED) >>> 0;
    const from = this.#head;
    if ((committed - from) >>> 0 > this.#capacity) {
      const reason = `${committed} as the end of the frames`;
      if (onGap === undefined) throw new DamagedFrameError(reason, from);
      // Nobody can tell what lies in between. The number at the new head is whatever stands there.
      this.#head = committed;
      this.#nextSeq = undefined;
      Atomics.store(words, this.#own + CONSUMER_DRAINED, committed | 0);
      onGap({ from, to: committed, frames: 1, reason });
      return 0;
    }
    let frames = 0;
    try {
      while (this.#head !== committed && frames < limit && (this.#head - from) >>> 0 < limitBytes) {
        const place = this.#head & (this.#capacity - 1);
        const start = this.#frames + place;
        const head = start >>> 2;
        const length = words[head + FRAME_LENGTH_WORD]!;
        const tag = words[head + FRAME_TAG_WORD]!;
        const seq = words[head + FRAME_SEQ_WORD]!;
        const isWhole = words[head + FRAME_CHECK_WORD] === frameCheck(length, tag, seq, this.#epoch ^ place);
        if (!isWhole || !this.#fits(length, seq, committed)) {
          const reason = this.#reason(isWhole, length, seq);
          if (onGap === undefined) throw new DamagedFrameError(reason, this.#head);
          onGap(this.#skip(committed, reason));
          continue;
        }
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

  /** Back to the frame at `position`, which has not been acked; `seq`: its number, where it is known. */
  rewind(position: number, seq?: number): void {
    this.#head = position;
    this.#nextSeq = seq === undefined ? undefined : seq | 0;
    Atomics.store(this.#words, this.#own + CONSUMER_DRAINED, position | 0);
  }

  /**
   * Gives everything before `position` back to the producer. Pairs with the load in Producer.#slowestAcked(). Where the
   * number of the frame there cannot be told the space is not given back yet: the next ack does it.
   */
  ack(position: number): void {
    const seq = this.seqAt(position);
    if (seq === undefined) return;
    Atomics.store(this.#acked, 0, (BigInt(seq >>> 0) << 32n) | BigInt(position >>> 0));
  }

  /** Number of the frame that begins at `position`, or will; undefined: the one that is there is damaged. */
  seqAt(position: number): number | undefined {
    if (position === this.#head && this.#nextSeq !== undefined) return this.#nextSeq >>> 0;
    const words = this.#words;
    const head = this.#wordAt(position);
    while (position === this.committedTo) {
      const next = Atomics.load(words, this.#lane + SEQ);
      // SEQ is raised just before COMMITTED: then the frame of the number before stands here already.
      const last = this.#isFrame(position) && words[head + FRAME_SEQ_WORD] === ((next - 1) | 0);
      if (position === this.committedTo) return (last ? next - 1 : next) >>> 0;
    }
    return this.#isFrame(position) ? words[head + FRAME_SEQ_WORD]! >>> 0 : undefined;
  }

  /** Index of the first word of the frame at `position`. */
  #wordAt(position: number): number {
    return (this.#frames + (position & (this.#capacity - 1))) >>> 2;
  }

  #isFrame(position: number): boolean {
    const words = this.#words;
    const head = this.#wordAt(position);
    const tag = words[head + FRAME_TAG_WORD]!;
    const epoch = this.#epoch ^ (position & (this.#capacity - 1));
    const check = frameCheck(words[head + FRAME_LENGTH_WORD]!, tag, words[head + FRAME_SEQ_WORD]!, epoch);
    // No frame has the tag 0; untouched memory would pass for one where the epoch is the offset.
    return tag !== 0 && words[head + FRAME_CHECK_WORD] === check;
  }

  /** Past this, a frame lies between what is acked and what is committed, in one piece, inside of the lane. */
  #fits(length: number, seq: number, committed: number): boolean {
    if (this.#nextSeq !== undefined && seq !== this.#nextSeq) return false;
    return length >= 0 && length <= this.#most(this.#head, committed);
  }

  /** The most payload a frame at `position` can have. */
  #most(position: number, committed: number): number {
    const toEnd = this.#capacity - (position & (this.#capacity - 1));
    const toCommitted = (committed - position) >>> 0;
    return (toEnd < toCommitted ? toEnd : toCommitted) - FRAME_HEADER_BYTES;
  }

  #reason(isWhole: boolean, length: number, seq: number): string {
    if (!isWhole) return "no frame";
    if (this.#nextSeq !== undefined && seq !== this.#nextSeq)
      return `frame ${seq >>> 0} where ${this.#nextSeq >>> 0} was due`;
    return `frame of ${length} bytes`;
  }

  /**
   * Puts the head on the next whole frame, or on the end of what is committed. A frame there must be ahead of the one
   * that is missing by as many numbers as the bytes in between can hold frames: what stands there from an earlier lap
   * has a lower number, what was copied there from elsewhere has another check, and the text of a record would have to
   * know the epoch. Should there be frames that contradict each other, because pages are of different times, it is the
   * first of the longest row of rising numbers.
   */
  #skip(committed: number, reason: string): Gap {
    const words = this.#words;
    const from = this.#head;
    const due = this.#nextSeq;
    const stretch = (committed - from) >>> 0;
    const row = new LongestRow();
    for (let bytes = FRAME_ALIGNMENT; bytes < stretch; bytes += FRAME_ALIGNMENT) {
      const position = (from + bytes) >>> 0;
      if (!this.#isFrame(position)) continue;
      const head = this.#wordAt(position);
      const length = words[head + FRAME_LENGTH_WORD]!;
      if (length < 0 || length > this.#most(position, committed)) continue;
      const ahead =
        due === undefined ? row.aheadOfFirst(words[head + FRAME_SEQ_WORD]!) : words[head + FRAME_SEQ_WORD]! - due;
      if (due !== undefined && ((ahead | 0) < 1 || (ahead | 0) > bytes / FRAME_ALIGNMENT)) continue;
      row.add(ahead | 0, bytes);
    }
    const first = row.first();
    if (first !== undefined) {
      this.#head = (from + first.bytes) >>> 0;
      this.#nextSeq = words[this.#wordAt(this.#head) + FRAME_SEQ_WORD]!;
      return { from, to: this.#head, frames: due === undefined ? 1 : first.ahead, reason };
    }
    this.#head = committed;
    this.#nextSeq = undefined;
    const next = this.seqAt(committed);
    const frames = due === undefined || next === undefined ? 1 : (next - due) | 0;
    const canBe = frames >= 1 && frames <= stretch / FRAME_ALIGNMENT;
    // Where the number of the next frame cannot be right it is taken from that frame.
    if (canBe && next !== undefined) this.#nextSeq = next | 0;
    return { from, to: committed, frames: canBe ? frames : 1, reason };
  }
}

/** Of frames in the order of their places: the longest row whose numbers rise. */
class LongestRow {
  readonly #aheads: number[] = [];
  readonly #bytes: number[] = [];
  /** Frame in front of each in the best row that ends with it; -1: none. */
  readonly #before: number[] = [];
  /** By length - 1: the frame with the lowest number that ends a row of that length. */
  readonly #ends: number[] = [];
  #firstSeq: number | undefined;

  aheadOfFirst(seq: number): number {
    this.#firstSeq ??= seq;
    return seq - this.#firstSeq;
  }

  add(ahead: number, bytes: number): void {
    let low = 0;
    for (let high = this.#ends.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.#aheads[this.#ends[middle]!]! < ahead) low = middle + 1;
      else high = middle;
    }
    this.#before.push(low === 0 ? -1 : this.#ends[low - 1]!);
    this.#ends[low] = this.#aheads.length;
    this.#aheads.push(ahead);
    this.#bytes.push(bytes);
  }

  first(): { readonly ahead: number; readonly bytes: number } | undefined {
    let at = this.#ends.at(-1);
    if (at === undefined) return undefined;
    while (this.#before[at] !== -1) at = this.#before[at]!;
    return { ahead: this.#aheads[at]!, bytes: this.#bytes[at]! };
  }
}
