/**
 * A text that is written again and again, as UTF-8 and as the words that hold these bytes: four bytes at a time a key
 * of ten takes a third of what `set` takes, which has 28 ns to call before the first byte.
 */
export interface PreparedText {
  readonly bytes: Uint8Array;
  /** Of the same memory; the last one is filled up with zeros. */
  readonly words: Int32Array;
}

export function prepareText(text: string): PreparedText {
  const bytes = Buffer.from(text);
  const words = new Int32Array((bytes.length + 3) >>> 2);
  const memory = new Uint8Array(words.buffer);
  memory.set(bytes);
  return { bytes: memory.subarray(0, bytes.length), words };
}
