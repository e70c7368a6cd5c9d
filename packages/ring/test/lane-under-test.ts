/** A lane to try things on: made, filled with frames whose bytes are known, and read back as copies. */
import { FRAME_RECORD, frameTag } from "@spillway/core";
import { Consumer, FULL, laneOffset, makeMemory, Producer } from "../src/index.ts";

export const EPOCH = 0x5eed_0001;
export const CAPACITY = 64 * 1024;
/** So near to the end of the positions that the first few frames cross it. */
export const BEFORE_WRAP = 2 ** 32 - 64;
export const RECORD = frameTag(FRAME_RECORD, 2, 0);

export interface Shape {
  readonly capacity?: number;
  readonly lanes?: number;
  readonly start?: number;
  readonly epoch?: number;
}

export function memoryOf({ capacity = CAPACITY, lanes = 1, start = 0, epoch = EPOCH }: Shape = {}): SharedArrayBuffer {
  return makeMemory({ lanes, capacity, epoch, pid: 4711, startPosition: start });
}

export interface Taken {
  readonly tag: number;
  readonly bytes: Buffer;
}

/** One lane of a memory with both of its ends. */
export class LaneUnderTest {
  readonly memory: SharedArrayBuffer;
  readonly bytes: Buffer;
  readonly producer: Producer;
  readonly consumer: Consumer;
  /** The lane's words, as in layout.ts. */
  readonly words: Int32Array;

  constructor(shape: Shape = {}, lane = 0) {
    const capacity = shape.capacity ?? CAPACITY;
    this.memory = memoryOf(shape);
    this.bytes = Buffer.from(this.memory);
    this.producer = new Producer(this.memory, lane);
    this.consumer = new Consumer(this.memory, lane);
    this.words = new Int32Array(this.memory, laneOffset(lane, capacity));
  }

  /** Whether there was room. */
  put(payload: Uint8Array, tag: number = RECORD, reserve = 0): boolean {
    const at = this.producer.tryClaim(payload.length, reserve);
    if (at === FULL) return false;
    this.bytes.set(payload, at);
    this.producer.commit(tag, payload.length);
    return true;
  }

  /** Frames of `length` bytes until there is no room; answers how many it was. */
  fill(length: number): number {
    let count = 0;
    while (this.put(payloadOf(count, length))) count++;
    return count;
  }

  /** What the consumer hands over, copied. */
  take(limit: number = Number.POSITIVE_INFINITY, consumer: Consumer = this.consumer): Taken[] {
    const taken: Taken[] = [];
    consumer.drain((tag, offset, length) => {
      taken.push({ tag, bytes: Buffer.from(this.bytes.subarray(offset, offset + length)) });
      return true;
    }, limit);
    return taken;
  }

  ackAll(): void {
    this.take();
    this.consumer.ack(this.consumer.drainedTo);
  }
}

/** `length` bytes that no other frame number has. */
export function payloadOf(frame: number, length: number): Buffer {
  const payload = Buffer.alloc(length);
  for (let i = 0; i < length; i++) payload[i] = frame * 31 + (frame >>> 8) * 17 + i * 7;
  return payload;
}
