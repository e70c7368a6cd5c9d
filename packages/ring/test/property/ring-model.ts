/**
 * What a ring is, said without a ring: a list of frames, and for every consumer three positions. Positions here are
 * plain numbers that never wrap; the real ones are the same modulo 2^32.
 */
import { FRAME_HEADER_BYTES } from "@spillway/core";

export interface ModelFrame {
  readonly at: number;
  readonly size: number;
  readonly tag: number;
  readonly payload: Buffer;
  readonly isPad: boolean;
}

export class ModelCursor {
  drained: number;
  acked: number;

  constructor(at: number) {
    this.drained = at;
    this.acked = at;
  }
}

export interface ModelClaim {
  /** Offset among the frames. */
  readonly offset: number;
  /** The most payload it may be written with. */
  readonly room: number;
}

export class RingModel {
  readonly frames: ModelFrame[] = [];
  readonly cursors = new Map<number, ModelCursor>();
  committed: number;
  readonly #capacity: number;

  constructor(capacity: number, start: number) {
    this.#capacity = capacity;
    this.committed = start;
    this.cursors.set(0, new ModelCursor(start));
  }

  /** What `tryClaim` must answer; undefined: FULL. Publishes the pad frame that goes with it. */
  claim(length: number, reserve: number): ModelClaim | undefined {
    const frame = aligned(FRAME_HEADER_BYTES + length);
    const toEnd = this.#capacity - (this.committed % this.#capacity);
    const skipped = frame <= toEnd ? 0 : toEnd;
    const free = this.#free();
    if (free < skipped + frame + reserve) return undefined;
    if (skipped > 0) this.#append(skipped, 0, Buffer.alloc(skipped - FRAME_HEADER_BYTES), true);
    const offset = this.committed % this.#capacity;
    // A frame is never as long as the ring.
    const toOffer = offset === 0 ? this.#capacity - FRAME_HEADER_BYTES : this.#capacity - offset;
    const room = Math.min(free - skipped - reserve, toOffer) - FRAME_HEADER_BYTES;
    return { offset, room };
  }

  commit(tag: number, payload: Buffer): void {
    this.#append(aligned(FRAME_HEADER_BYTES + payload.length), tag, payload, false);
  }

  /** Frames from where the cursor stands, without pads, at most as many as the limits allow. */
  drain(index: number, limit: number, limitBytes: number): ModelFrame[] {
    const cursor = this.cursors.get(index)!;
    const from = cursor.drained;
    const found: ModelFrame[] = [];
    for (const frame of this.frames) {
      if (frame.at < from) continue;
      if (found.length >= limit || cursor.drained - from >= limitBytes) break;
      cursor.drained = frame.at + frame.size;
      if (!frame.isPad) found.push(frame);
    }
    return found;
  }

  /** Where frames begin or end between what the cursor has acked and what it has drained. */
  boundaries(index: number): number[] {
    const { acked, drained } = this.cursors.get(index)!;
    const ends = this.frames.map((frame) => frame.at + frame.size);
    return [acked, ...ends.filter((end) => end > acked && end <= drained)];
  }

  activate(index: number): void {
    this.cursors.set(index, new ModelCursor(this.committed));
  }

  #append(size: number, tag: number, payload: Buffer, isPad: boolean): void {
    this.frames.push({ at: this.committed, size, tag, payload, isPad });
    this.committed += size;
    const oldest = Math.min(...[...this.cursors.values()].map((cursor) => cursor.acked));
    while (this.frames[0]!.at < oldest) this.frames.shift();
  }

  #free(): number {
    const slowest = Math.min(...[...this.cursors.values()].map((cursor) => cursor.acked));
    return this.#capacity - (this.committed - slowest);
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / FRAME_HEADER_BYTES) * FRAME_HEADER_BYTES;
}
