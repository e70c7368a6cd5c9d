import { readSync } from "node:fs";
import { CONTROL_BYTES, CONTROL_MAPPABLE } from "@spillway/core";
import { LANE_HEADER_BYTES, LANE_NONCE, laneBytes, laneCapacity, laneOffset } from "@spillway/ring";
import { type Native, whyNoNative } from "@spillway/spill";

/** Lays a file over a lane. Answers why it could not, with the lane as it was; undefined: it is done. */
export function mapLane(
  memory: SharedArrayBuffer,
  lane: number,
  fd: number,
  native: Native | undefined,
): string | undefined {
  if (native === undefined)
    return `koffi cannot be loaded (${whyNoNative()}): the ring is copied to its file once a turn instead of being it`;
  if (new Int32Array(memory, 0, CONTROL_BYTES / 4)[CONTROL_MAPPABLE] === 0)
    return "no WebAssembly memory to map a file over: the ring is copied to its file once a turn";
  const capacity = laneCapacity(memory);
  const offset = laneOffset(lane, capacity);
  try {
    native.mapOver(memory, offset, laneBytes(capacity), fd);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the ring cannot be mapped (${reason}): it is copied to its file once a turn`;
  }
  if (isSameAsFile(memory, offset, fd)) return undefined;
  return "what is written to the mapped ring does not show in its file: it is copied there once a turn";
}

/** Writes a number no file has by chance through the memory, and reads it back through the file. */
function isSameAsFile(memory: SharedArrayBuffer, offset: number, fd: number): boolean {
  const words = new Int32Array(memory, offset, LANE_HEADER_BYTES / 4);
  const nonce = (Math.random() * 2 ** 32) | 1;
  Atomics.store(words, LANE_NONCE, nonce);
  const read = Buffer.alloc(4);
  readSync(fd, read, 0, 4, LANE_NONCE * 4);
  Atomics.store(words, LANE_NONCE, 0);
  return read.readInt32LE(0) === (nonce | 0);
}
