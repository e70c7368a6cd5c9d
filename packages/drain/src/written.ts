const NEWLINE = 10;

/** What is still to be written of some lines, and what stands behind the last of those that are there. */
export interface Unwritten {
  /** `text` itself where nothing of it was found. */
  readonly rest: Uint8Array;
  readonly tail: Uint8Array;
  /** What is there of lines that are to be written anew, in front of another's line. */
  readonly pieces: readonly Piece[];
}

/** A stretch of what stands behind the beginning of a write. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Shorter ones could be anybody's. */
const LEAST_PIECE = 16;

/**
 * Looks for lines of a write that was cut short in what stands in the file behind its beginning. Others may have appended
 * to the file before it landed and since, but a write is never parted by theirs: so its lines stand together, up to where
 * it was cut; a second piece is what an attempt to finish it left, that was cut short too.
 *
 * A line that ends with the file is to be finished; one that was cut in front of another's line is to be written anew, and
 * the piece that is there belongs to no line.
 */
export function withoutWritten(tail: Uint8Array, text: Uint8Array): Unwritten {
  let rest = text;
  let behind = tail;
  const pieces: Piece[] = [];
  const cut = (from: number, to: number): void => {
    if (isPiece(tail, from, to)) pieces.push({ from, to });
  };
  while (rest.length > 0 && behind.length > 0) {
    const found = find(behind, rest);
    for (const one of piecesOf(behind, rest, found?.at ?? behind.length)) {
      const before = tail.length - behind.length;
      cut(before + one.from, before + one.to);
    }
    if (found === undefined) break;
    behind = behind.subarray(found.at + found.length);
    const isCut = found.length < rest.length && behind.length > 0;
    const whole = isCut ? rest.lastIndexOf(NEWLINE, found.length - 1) + 1 : found.length;
    const to = tail.length - behind.length;
    if (isCut) cut(to - (found.length - whole), to);
    rest = rest.subarray(whole);
  }
  return { rest, tail: behind, pieces };
}

/** Beginnings of the first line of `text` in front of others' lines, in `tail` before `end`. */
function piecesOf(tail: Uint8Array, text: Uint8Array, end: number): Piece[] {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, end);
  const first = text.subarray(0, text.indexOf(NEWLINE) + 1);
  const pieces: Piece[] = [];
  for (let at = 0; at !== -1 && at < end; at = afterNewline(bytes, at)) {
    const length = commonLength(bytes, at, first);
    if (length >= LEAST_PIECE && length < first.length && at + length < end) pieces.push({ from: at, to: at + length });
  }
  return pieces;
}

function afterNewline(bytes: Buffer, from: number): number {
  const newline = bytes.indexOf(NEWLINE, from);
  return newline === -1 ? -1 : newline + 1;
}

/** Lines of one logger begin alike: a piece is what makes no line with what follows, and leaves one, or nothing, without it. */
function isPiece(tail: Uint8Array, from: number, to: number): boolean {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  const newline = bytes.indexOf(NEWLINE, to);
  if (newline === -1 || to === from) return false;
  return !isJson(bytes, from, newline) && (newline === to || isJson(bytes, to, newline));
}

function isJson(bytes: Buffer, from: number, to: number): boolean {
  try {
    JSON.parse(bytes.toString("utf8", from, to));
    return true;
  } catch {
    return false;
  }
}

/** The longest beginning of `text` in `tail` that has its first line whole, or that the tail ends with. */
function find(tail: Uint8Array, text: Uint8Array): { readonly at: number; readonly length: number } | undefined {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  const newline = text.indexOf(NEWLINE);
  const first = newline === -1 ? text : text.subarray(0, newline + 1);
  let longest: { at: number; length: number } | undefined;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (at > 0 && bytes[at - 1] !== NEWLINE) continue;
    const length = commonLength(bytes, at, text);
    if (length > (longest?.length ?? 0)) longest = { at, length };
    if (length === text.length || at + length === bytes.length) break;
  }
  if (longest !== undefined) return longest;
  const at = bytes.lastIndexOf(NEWLINE) + 1;
  const length = commonLength(bytes, at, text);
  return length > 0 && at + length === bytes.length ? { at, length } : undefined;
}

function commonLength(tail: Buffer, at: number, text: Uint8Array): number {
  const most = Math.min(tail.length - at, text.length);
  if (tail.compare(text, 0, most, at, at + most) === 0) return most;
  let length = 0;
  while (tail[at + length] === text[length]) length++;
  return length;
}
