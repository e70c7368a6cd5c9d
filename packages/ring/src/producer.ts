import {
  alignFrame,
  FRAME_ALIGNMENT,
  FRAME_CHECK_WORD,
  FRAME_HEADER_BYTES,
  FRAME_LENGTH_WORD,
  FRAME_PAD,
  FRAME_SEQ_WORD,
  FRAME_TAG_WORD,
  frameCheck,
  RecordTooLargeError,
} from "@spillway/core";
import {
  COMMITTED,
  CONSUMER_ACKED,
  CONSUMER_ACTIVE,
  CONSUMER_STRIDE,
  CONSUMERS,
  FRAMES_OFFSET,
  LANE_EPOCH,
  laneOffset,
  MAX_CONSUMERS,
  SEQ,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";

/** What `tryClaim` answers when the ring has no room; a value, not an error: it is an everyday event. */
export const FULL = -1;

/**
 * The writing end of a lane. Exactly one thread may hold one. Hot path: `tryClaim` and `commit` run on every log call;
 * no allocation, no closure, no exception for everyday events.
 *
 *   tryClaim  ->  the caller writes the payload in place, at most up to `claimEnd`  ->  commit(bytes written)
 *                                                                                  ->  or abort()
 *
 * A claim names the least it needs; what it gets reaches to the end of the free stretch, because an encoder learns the
 * length of a record only by writing it.
 */
export class Producer {
  readonly capacity: number;
  /** The most payload one frame can carry. Half the ring: the stretch skipped at the end is always shorter than the
   * frame, so an empty ring has room for both, and a claim that is FULL now can succeed later. */
  readonly maxPayload: number;
  /** Byte offset in the memory up to which the open claim may be written. */
  claimEnd = 0;
  readonly #words: Int32Array;
  /** Int32 index of the lane's first word. */
  readonly #lane: number;
  /** Byte offset of the first frame byte in the memory. */
  readonly #frames: number;
  readonly #epoch: number;
  #tail: number;
  #seq: number;
  /** Never ahead of any consumer's ACKED, so the space it shows is free. */
  #freeFrom: number;
  /**
   * Bytes from the tail on that are known to be free and in one piece; never more than there are. While a claim fits
   * in, neither the end of the ring nor the consumers, whose cache lines are on other cores, need to be looked at.
   */
  #contiguous = 0;

  constructor(memory: SharedArrayBuffer, laneIndex: number) {
    this.capacity = laneCapacity(memory);
    const offset = laneOffset(laneIndex, this.capacity);
    this.#words = new Int32Array(memory);
    this.#lane = offset >>> 2;
    this.#frames = offset + FRAMES_OFFSET;
    this.#epoch = this.#words[this.#lane + LANE_EPOCH]!;
    this.maxPayload = this.capacity / 2 - FRAME_HEADER_BYTES;
    this.#tail = Atomics.load(this.#words, this.#lane + COMMITTED) >>> 0;
    this.#seq = this.#seqAfter(this.#words[this.#lane + SEQ]!);
    this.#freeFrom = this.#slowestAcked();
  }

  /** The position behind the last committed frame. */
  get committedTo(): number {
    return this.#tail;
  }

  /**
   * Byte offset in the memory where at least `length` payload bytes may be written, or `FULL`. `reserve` bytes are
   * left free: what less important records may not use up.
   */
  tryClaim(length: number, reserve = 0): number {
    const needed = FRAME_HEADER_BYTES + length + FRAME_ALIGNMENT + reserve;
    if (needed > this.#contiguous) return this.#claimSlowly(length, reserve);
    const start = this.#frames + (this.#tail & (this.capacity - 1)) + FRAME_HEADER_BYTES;
    this.claimEnd = start + this.#contiguous - FRAME_HEADER_BYTES - reserve;
    return start;
  }

  /**
   * Makes the claimed frame visible, `length` payload bytes of it.
   *
   * Publication: the frame was written with plain stores; the atomic store orders them before it, and a consumer whose
   * Atomics.load sees the new position sees the whole frame. Pairs with the load in Consumer.drain().
   */
  commit(tag: number, length: number): void {
    const words = this.#words;
    const offset = this.#tail & (this.capacity - 1);
    const head = (this.#frames + offset) >>> 2;
    const seq = this.#seq;
    words[head + FRAME_LENGTH_WORD] = length;
    words[head + FRAME_TAG_WORD] = tag;
    words[head + FRAME_SEQ_WORD] = seq;
    words[head + FRAME_CHECK_WORD] = frameCheck(length, tag, seq, this.#epoch ^ offset);
    this.#seq = (seq + 1) | 0;
    words[this.#lane + SEQ] = this.#seq;
    const bytes = alignFrame(FRAME_HEADER_BYTES + length);
    this.#tail = (this.#tail + bytes) >>> 0;
    this.#contiguous -= bytes;
    Atomics.store(words, this.#lane + COMMITTED, this.#tail | 0);
  }

  /** Gives the open claim back. A pad frame written before it stays: it is whole. Nothing was published. */
  abort(): void {
    this.claimEnd = 0;
  }

  /**
   * An owner that was terminated inside of `commit` may have raised SEQ for a frame that it never published. That frame
   * then stands at the tail, whole, and its number is to be given again: a gap would read as damage.
   */
  #seqAfter(raised: number): number {
    const offset = this.#tail & (this.capacity - 1);
    const head = (this.#frames + offset) >>> 2;
    const words = this.#words;
    const tag = words[head + FRAME_TAG_WORD]!;
    const last = (raised - 1) | 0;
    // No frame has the tag 0; untouched memory would pass for one where the epoch happens to be the offset.
    if (tag === 0 || words[head + FRAME_SEQ_WORD] !== last) return raised;
    const check = frameCheck(words[head + FRAME_LENGTH_WORD]!, tag, last, this.#epoch ^ offset);
    return words[head + FRAME_CHECK_WORD] === check ? last : raised;
  }

  /** Not known to be there: looks at the end of the ring and at the consumers. */
  #claimSlowly(length: number, reserve: number): number {
    if (length > this.maxPayload) throw new RecordTooLargeError(length, this.maxPayload);
    const frame = alignFrame(FRAME_HEADER_BYTES + length);
    const offset = this.#tail & (this.capacity - 1);
    const toEnd = this.capacity - offset;
    this.#freeFrom = this.#slowestAcked();
    const free = this.capacity - ((this.#tail - this.#freeFrom) >>> 0);
    // The reserve may lie on both sides of the end; only the frame has to be in one piece.
    if (frame <= toEnd) {
      if (free < frame + reserve) return FULL;
      return this.#open(offset, free, reserve);
    }
    if (free < toEnd + frame + reserve) return FULL;
    // Fills the stretch before the end and publishes it, so that it is whole even if the claim is given back.
    this.commit(FRAME_PAD, toEnd - FRAME_HEADER_BYTES);
    return this.#open(0, free - toEnd, reserve);
  }

  #open(offset: number, free: number, reserve: number): number {
    // Never the whole ring: the next frame would stand where this one does, and #seqAfter could not tell them apart.
    const toEnd = offset === 0 ? this.capacity - FRAME_ALIGNMENT : this.capacity - offset;
    this.#contiguous = free < toEnd ? free : toEnd;
    const start = this.#frames + offset + FRAME_HEADER_BYTES;
    const room = free - reserve < toEnd ? free - reserve : toEnd;
    this.claimEnd = start + (room & -FRAME_ALIGNMENT) - FRAME_HEADER_BYTES;
    return start;
  }

  #slowestAcked(): number {
    const words = this.#words;
    let slowest = this.#tail;
    let most = 0;
    for (let i = 0; i < MAX_CONSUMERS; i++) {
      const consumer = this.#lane + CONSUMERS + i * CONSUMER_STRIDE;
      if (Atomics.load(words, consumer + CONSUMER_ACTIVE) === 0) continue;
      // Pairs with the store in Consumer.ack(): the consumer reads no frame before this position any more.
      const acked = Atomics.load(words, consumer + CONSUMER_ACKED) >>> 0;
      const behind = (this.#tail - acked) >>> 0;
      if (behind >= most) {
        most = behind;
        slowest = acked;
      }
    }
    return slowest;
  }
}
