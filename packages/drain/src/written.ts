const NEWLINE = 10;

/** What is still to be written of some lines, and what stands behind the last of those that are there. */
export interface Unwritten {
  /** `text` itself where nothing of it was found. */
  readonly rest: Uint8Array;
  readonly tail: Uint8Array;
}

/**
 * Looks for lines of a write that was cut short in what stands in the file behind its beginning. Others may have appended
 * to the file before it landed and since, but a write is never parted by theirs: so its lines stand together, up to where
 * it was cut; a second piece is what an attempt to finish it left, that was cut short too.
 *
 * A line that ends with the file is to be finished; one that was cut in front of another's line is to be written anew.
 */
export function withoutWritten(tail: Uint8Array, text: Uint8Array): Unwritten {
  let rest = text;
  let behind = tail;
  while (rest.length > 0 && behind.length > 0) {
    const found = find(behind, rest);
    if (found === undefined) break;
    behind = behind.subarray(found.at + found.length);
    const isCut = found.length < rest.length && behind.length > 0;
    rest = rest.subarray(isCut ? rest.lastIndexOf(NEWLINE, found.length - 1) + 1 : found.length);
  }
  return { rest, tail: behind };
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
