// Looks for every record in the file: as many lines as were logged, each once, in order, each well formed.
import { closeSync, openSync, readSync } from "node:fs";

const PIECE_BYTES = 1024 * 1024;
const EXAMPLES = 3;

/**
 * @param {string} path
 * @param {number} logged how many records were logged, numbered from 1 in their field `n`
 * @returns {{ isWhole: boolean, lines: number, found: number, missing: number, twice: number, outOfOrder: number, broken: number, foreign: number, bytes: number, examples: string[] }}
 */
export function verify(path, logged) {
  const seen = new Uint8Array(logged + 1);
  const result = {
    isWhole: false,
    lines: 0,
    found: 0,
    missing: 0,
    twice: 0,
    outOfOrder: 0,
    broken: 0,
    foreign: 0,
    bytes: 0,
    examples: [],
  };
  let last = 0;

  const note = (what) => {
    if (result.examples.length < EXAMPLES) result.examples.push(what);
  };
  const onLine = (line) => {
    result.lines++;
    let record;
    try {
      record = JSON.parse(line);
    } catch {
      result.broken++;
      note(`line ${result.lines} is not JSON: ${line.slice(0, 80)}`);
      return;
    }
    const n = record?.n;
    if (!Number.isInteger(n) || n < 1 || n > logged) {
      result.foreign++;
      note(`line ${result.lines} carries no number of this run: ${line.slice(0, 80)}`);
      return;
    }
    if (seen[n] === 1) {
      result.twice++;
      note(`record ${n} is there again in line ${result.lines}`);
      return;
    }
    seen[n] = 1;
    result.found++;
    if (n < last) {
      result.outOfOrder++;
      note(`record ${n} in line ${result.lines} comes after record ${last}`);
    }
    last = n;
  };

  const rest = eachLine(path, onLine, (read) => {
    result.bytes += read;
  });
  if (rest !== "") {
    result.broken++;
    note(`the last line has no end: ${rest.slice(0, 80)}`);
  }
  result.missing = logged - result.found;
  if (result.missing > 0) note(`record ${seen.indexOf(0, 1)} is the first that is missing`);
  result.isWhole = result.missing + result.twice + result.outOfOrder + result.broken + result.foreign === 0;
  return result;
}

/** Answers what stands after the last newline. A file that is not there has no lines. */
function eachLine(path, onLine, onRead) {
  let fd;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let rest = Buffer.alloc(0);
  try {
    for (;;) {
      const read = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (read === 0) return rest.toString();
      onRead(read);
      const bytes = Buffer.concat([rest, piece.subarray(0, read)]);
      let from = 0;
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
        onLine(bytes.toString("utf8", from, at));
        from = at + 1;
      }
      rest = bytes.subarray(from);
    }
  } finally {
    closeSync(fd);
  }
}
