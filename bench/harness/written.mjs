// What really reached the file. A logger that drops looks fast, so every question counts lines afterwards.

import { closeSync, openSync, readdirSync, readSync, statSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

/**
 * Counts the lines of a file, and hands over every `stride`-th one as text. What follows the last line end is no
 * line: its length is answered as `tornBytes`.
 * @param {string} path
 * @param {{ stride?: number, onLine?: (line: string) => void }} [sample]
 */
export function countLines(path, { stride = 997, onLine } = {}) {
  const file = openSync(path, "r");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let lines = 0;
  let begun = [];
  try {
    for (;;) {
      const bytes = chunk.subarray(0, readSync(file, chunk, 0, CHUNK_BYTES, null));
      if (bytes.length === 0) break;
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        if (onLine && lines % stride === 0) onLine(Buffer.concat([...begun, bytes.subarray(start, end)]).toString());
        begun = [];
        lines++;
        start = end + 1;
      }
      if (start < bytes.length) begun.push(Buffer.from(bytes.subarray(start)));
    }
  } finally {
    closeSync(file);
  }
  return { lines, tornBytes: begun.reduce((sum, part) => sum + part.length, 0) };
}

/** Makes the log one that nobody can open, until the link to itself at `path` is removed. */
export function shut(path) {
  symlinkSync(basename(path), path);
}

/** Bytes of frames beside the log at `path` that did not fit into a ring. */
export function overflowBytes(path) {
  const folder = join(dirname(path), ".spillway");
  const segments = readdirSync(folder).filter((name) => name.endsWith(".spill"));
  return segments.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
