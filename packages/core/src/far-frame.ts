import { crc32c } from "./crc32c.ts";

/**
 * What stands in a FAR frame: where the payload is that is too large for the ring. A frame of the ring has no checksum of
 * its payload, but this one names a file that is read and then removed: a flipped bit must not make it another one.
 *
 *   0            4            8                length
 *   +------------+------------+----------------+
 *   | file check | path check | path, UTF-8    |
 *   +------------+------------+----------------+
 *
 * file check: CRC32C of the file. path check: CRC32C of the path, with the file check as the checksum of what comes
 * before. Little-endian. The specification is docs/formats/ring.md.
 */
const PATH_CHECK = 4;
const PATH = 8;

export interface FarPlace {
  /** UTF-8. */
  readonly path: Uint8Array;
  /** CRC32C of the file that stands there. */
  readonly fileCheck: number;
}

/** The payload of a FAR frame. `path`: UTF-8, of the file that holds `file` and nothing else. */
export function encodeFar(path: Uint8Array, file: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PATH + path.length);
  const words = new DataView(frame.buffer);
  const fileCheck = crc32c(file);
  words.setUint32(0, fileCheck, true);
  words.setUint32(PATH_CHECK, crc32c(path, 0, path.length, fileCheck), true);
  frame.set(path, PATH);
  return frame;
}

/** Undefined: damaged. Nothing of it may be used then, the path least of all. */
export function decodeFar(frame: Uint8Array): FarPlace | undefined {
  if (frame.length <= PATH) return undefined;
  const words = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const fileCheck = words.getUint32(0, true);
  const path = frame.subarray(PATH);
  return crc32c(path, 0, path.length, fileCheck) === words.getUint32(PATH_CHECK, true)
    ? { path, fileCheck }
    : undefined;
}
