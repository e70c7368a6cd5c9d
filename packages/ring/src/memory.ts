import {
  CONTROL_BYTES,
  CONTROL_EPOCH,
  CONTROL_LANE_BYTES,
  CONTROL_LANES,
  CONTROL_MAGIC,
  CONTROL_MAPPABLE,
  CONTROL_VERSION,
  MAGIC_VALUE,
  VERSION_VALUE,
} from "@spillway/core";
import {
  COMMITTED,
  CONSUMER_ACKED,
  CONSUMER_ACTIVE,
  CONSUMER_DRAINED,
  CONSUMERS,
  FRAMES_OFFSET,
  LANE_CAPACITY,
  LANE_EPOCH,
  LANE_INDEX,
  LANE_MAGIC,
  LANE_MAGIC_VALUE,
  LANE_PID,
  LANE_VERSION,
  LANE_VERSION_VALUE,
  laneBytes,
  laneOffset,
} from "./layout.ts";

const WASM_PAGE_BYTES = 65_536;

/** The part of the WebAssembly API used here; the DOM's types are not part of this project. */
declare const WebAssembly:
  | {
      Memory: new (descriptor: {
        initial: number;
        maximum: number;
        shared: true;
      }) => { readonly buffer: SharedArrayBuffer };
    }
  | undefined;

export interface MemoryShape {
  /** Lanes; each has one producer. */
  readonly lanes: number;
  /** Bytes of frames in a lane; a power of two. */
  readonly capacity: number;
  /** Tells this life of the memory from every other. */
  readonly epoch: number;
  readonly pid: number;
  /** Where the positions start; other than 0 only in tests of the wrap. */
  readonly startPosition?: number;
}

/**
 * Makes the memory of an engine: control page and lanes, all zero but for what says how it is laid out.
 *
 * WebAssembly memory is aligned to pages and never moves, so that a file can be mapped over a lane. V8 reserves about
 * 10 GiB of address space for it, none of it resident; where that is refused (`ulimit -v`, `--jitless`) a plain
 * SharedArrayBuffer serves the same, unmapped.
 */
export function makeMemory(shape: MemoryShape): SharedArrayBuffer {
  const bytes = CONTROL_BYTES + shape.lanes * laneBytes(shape.capacity);
  const { buffer, isMappable } = reserve(bytes);
  const control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
  control[CONTROL_MAPPABLE] = isMappable ? 1 : 0;
  control[CONTROL_MAGIC] = MAGIC_VALUE;
  control[CONTROL_VERSION] = VERSION_VALUE;
  control[CONTROL_LANES] = shape.lanes;
  control[CONTROL_LANE_BYTES] = laneBytes(shape.capacity);
  control[CONTROL_EPOCH] = shape.epoch;
  for (let index = 0; index < shape.lanes; index++) writeLaneIdentity(buffer, index, shape);
  return buffer;
}

/**
 * Lanes of a process that is gone, as their files have them, in a memory of their own: for a drain it is as if the
 * worker had died. `images` begin with the lane; what stands behind it is left out.
 */
export function adoptLanes(images: readonly Uint8Array[], capacity: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(CONTROL_BYTES + images.length * laneBytes(capacity));
  const control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
  control[CONTROL_MAGIC] = MAGIC_VALUE;
  control[CONTROL_VERSION] = VERSION_VALUE;
  control[CONTROL_LANES] = images.length;
  control[CONTROL_LANE_BYTES] = laneBytes(capacity);
  const bytes = new Uint8Array(buffer);
  for (const [index, image] of images.entries())
    bytes.set(image.subarray(0, laneBytes(capacity)), laneOffset(index, capacity));
  return buffer;
}

/** Bytes of frames in each lane of a memory. */
export function laneCapacity(memory: SharedArrayBuffer): number {
  const control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  return control[CONTROL_LANE_BYTES]! - FRAMES_OFFSET;
}

export function laneCount(memory: SharedArrayBuffer): number {
  return new Int32Array(memory, 0, CONTROL_BYTES / 4)[CONTROL_LANES]!;
}

function writeLaneIdentity(buffer: SharedArrayBuffer, index: number, shape: MemoryShape): void {
  const lane = new Int32Array(buffer, laneOffset(index, shape.capacity), FRAMES_OFFSET / 4);
  lane[LANE_MAGIC] = LANE_MAGIC_VALUE;
  lane[LANE_VERSION] = LANE_VERSION_VALUE;
  lane[LANE_CAPACITY] = shape.capacity;
  lane[LANE_EPOCH] = shape.epoch;
  lane[LANE_INDEX] = index;
  lane[LANE_PID] = shape.pid;
  lane[CONSUMERS + CONSUMER_ACTIVE] = 1;
  const start = shape.startPosition ?? 0;
  lane[COMMITTED] = start | 0;
  lane[CONSUMERS + CONSUMER_DRAINED] = start | 0;
  lane[CONSUMERS + CONSUMER_ACKED] = start | 0;
}

function reserve(bytes: number): { buffer: SharedArrayBuffer; isMappable: boolean } {
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  try {
    if (typeof WebAssembly !== "undefined") {
      const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
      return { buffer, isMappable: true };
    }
  } catch {
    // RangeError: the address space is limited. The plain buffer below needs only the bytes themselves.
  }
  return { buffer: new SharedArrayBuffer(pages * WASM_PAGE_BYTES), isMappable: false };
}
