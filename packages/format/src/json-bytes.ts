/** Growing output and the few ways bytes get into it. The worker's hot path: loops over bytes, no strings made. */

import type { PreparedText } from "./prepared-text.ts";

declare global {
  interface Buffer {
    /** Node's own methods behind `write` and `toString`, without the sorting of arguments. */
    utf8Write(text: string, offset: number, length: number): number;
    latin1Write(text: string, offset: number, length: number): number;
    utf8Slice(start: number, end: number): string;
    latin1Slice(start: number, end: number): string;
  }
}

/** Up to here a loop over bytes is faster than the view that a bulk copy needs. */
const LOOP_BYTES = 48;
/** Up to here a loop over words is. */
const LOOP_WORDS = 48;
/** From here on it is worth finding out first whether there is anything to escape, four bytes at a time. */
const SEARCH_BYTES = 8;
/** What words reach over the end of a text. */
const SLACK = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DIGITS = 0x30;
const HEX: Uint8Array = Uint8Array.from("0123456789abcdef", (c) => c.charCodeAt(0));

/** For each byte JSON escapes: the letter after the backslash, or `u`. 0: stands for itself. */
const ESCAPES: Uint8Array = makeEscapes();

function makeEscapes(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(0x75, 0, 32);
  const short: Record<string, string> = { "\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r", '"': '"', "\\": "\\" };
  for (const [from, to] of Object.entries(short)) table[from.charCodeAt(0)] = to.charCodeAt(0);
  return table;
}

export class JsonBytes {
  bytes: Buffer;
  at = 0;
  #view: DataView;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.#view = viewOf(this.bytes);
  }

  /** Begins anew, and lets go of what one huge line made grow. */
  clear(keptBytes: number): void {
    this.at = 0;
    if (this.bytes.length <= keptBytes) return;
    this.bytes = Buffer.allocUnsafeSlow(keptBytes);
    this.#view = viewOf(this.bytes);
  }

  ensure(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    let size = this.bytes.length * 2;
    while (size < this.at + more) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
    this.#view = viewOf(larger);
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.at++] = value;
  }

  text({ bytes, words }: PreparedText): void {
    this.ensure(bytes.length + SLACK);
    this.#words(words, 0, words.length, bytes, 0, bytes.length);
  }

  copy(source: Uint8Array, from: number, length: number): void {
    this.ensure(length);
    const bytes = this.bytes;
    const at = this.at;
    if (length <= LOOP_BYTES) for (let i = 0; i < length; i++) bytes[at + i] = source[from + i]!;
    else bytes.set(source.subarray(from, from + length), at);
    this.at = at + length;
  }

  /** A string in quotes whose bytes need no escape. `words`: the same memory; `from` is a multiple of 4. */
  plain(source: Uint8Array, words: Int32Array, from: number, length: number): void {
    this.ensure(length + 2 + SLACK);
    this.bytes[this.at++] = QUOTE;
    this.#words(words, from >>> 2, (from + length + 3) >>> 2, source, from, length);
    this.bytes[this.at++] = QUOTE;
  }

  /** `length` bytes of `source`, from `from` on, which are the words from `first` to `end`. There is room for SLACK more. */
  #words(words: Int32Array, first: number, end: number, source: Uint8Array, from: number, length: number): void {
    const at = this.at;
    if (end - first <= LOOP_WORDS) {
      const view = this.#view;
      // Whatever follows overwrites what the last word has too much. Words are little-endian, as in the frames.
      for (let i = first, to = at; i < end; i++, to += 4) view.setInt32(to, words[i]!, true);
    } else {
      this.bytes.set(source.subarray(from, from + length), at);
    }
    this.at = at + length;
  }

  /** A string in quotes, UTF-8, escaped where JSON wants it. `words`: the same memory; `from` is a multiple of 4. */
  escaped(source: Buffer, words: Int32Array, from: number, length: number): void {
    if (length >= SEARCH_BYTES && !needsEscape(source, words, from, length)) {
      this.plain(source, words, from, length);
      return;
    }
    this.ensure(length * 6 + 2);
    const bytes = this.bytes;
    let at = this.at;
    bytes[at++] = QUOTE;
    for (let i = from; i < from + length; i++) {
      const byte = source[i]!;
      const letter = ESCAPES[byte]!;
      if (letter === 0) {
        bytes[at++] = byte;
        continue;
      }
      bytes[at++] = BACKSLASH;
      bytes[at++] = letter;
      if (letter === 0x75) {
        bytes[at++] = DIGITS;
        bytes[at++] = DIGITS;
        bytes[at++] = HEX[byte >> 4]!;
        bytes[at++] = HEX[byte & 15]!;
      }
    }
    bytes[at++] = QUOTE;
    this.at = at;
  }

  /** ASCII text as it is. */
  ascii(text: string): void {
    this.ensure(text.length);
    const bytes = this.bytes;
    for (let i = 0; i < text.length; i++) bytes[this.at++] = text.charCodeAt(i);
  }

  utf8(text: string): void {
    const most = text.length * 3;
    this.ensure(most);
    this.at += this.bytes.utf8Write(text, this.at, most);
  }

  /**
   * A number that is no int32. One with at most three decimals is written by hand: such a decimal has fewer than 16
   * digits, so it is the only one that short which reads back as this number, and thus what JavaScript prints.
   */
  float(value: number): void {
    const thousandths = value * 1000;
    const whole = thousandths | 0;
    if (whole !== thousandths || whole / 1000 !== value || whole === 0) {
      this.ascii(`${value}`);
      return;
    }
    const positive = whole < 0 ? -whole : whole;
    const units = (positive / 1000) | 0;
    if (whole < 0) this.byte(0x2d);
    this.integer(units);
    const rest = positive - units * 1000;
    if (rest === 0) return;
    this.ensure(4);
    const bytes = this.bytes;
    const hundreds = (rest / 100) | 0;
    const tens = ((rest - hundreds * 100) / 10) | 0;
    const ones = rest - hundreds * 100 - tens * 10;
    bytes[this.at++] = 0x2e;
    bytes[this.at++] = DIGITS + hundreds;
    if (tens !== 0 || ones !== 0) bytes[this.at++] = DIGITS + tens;
    if (ones !== 0) bytes[this.at++] = DIGITS + ones;
  }

  integer(value: number): void {
    this.ensure(11);
    let rest = value;
    if (rest < 0) {
      this.bytes[this.at++] = 0x2d;
      rest = -rest;
    }
    let digits = 1;
    for (let limit = 10; digits < 10 && rest >= limit; limit *= 10) digits++;
    let at = this.at + digits;
    this.at = at;
    do {
      const next = (rest / 10) | 0;
      this.bytes[--at] = DIGITS + rest - next * 10;
      rest = next;
    } while (rest !== 0);
  }
}

/**
 * Whether JSON escapes any of these bytes. In each word, `(x - 0x01..01) & ~x & 0x80..80` has a bit set if and only if one
 * of its bytes is zero; for `x` the word with the looked-for character taken off by xor. Bytes below 32 are found the
 * same way by their upper three bits. 2,048 bytes: 0.75 us; by a regular expression 2.9 us, byte by byte 2.8 us.
 */
function needsEscape(source: Buffer, words: Int32Array, from: number, length: number): boolean {
  const end = (from + length) >>> 2;
  for (let i = from >>> 2; i < end; i++) {
    const word = words[i]!;
    const quote = word ^ 0x22222222;
    const backslash = word ^ 0x5c5c5c5c;
    const found =
      ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
    if ((found & 0x80808080) !== 0) return true;
  }
  for (let i = end * 4; i < from + length; i++) if (ESCAPES[source[i]!] !== 0) return true;
  return false;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
