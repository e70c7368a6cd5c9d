import {
  MAX_SHORT_LENGTH,
  TAG_ASCII,
  TAG_JSON,
  TAG_LONG_ASCII,
  TAG_LONG_JSON,
  TAG_LONG_UTF8,
  TAG_PLAIN,
  TAG_UTF8,
} from "@spillway/core";
import type { Target } from "./target.ts";

declare global {
  interface Buffer {
    /** Node's own method behind `write(text, "utf8")`, without the sorting of arguments. */
    utf8Write(text: string, offset: number, length: number): number;
    /** The same behind `toString("utf8")` and `toString("latin1")`. */
    utf8Slice(start: number, end: number): string;
    latin1Slice(start: number, end: number): string;
  }
}

/** Up to here a loop over the characters is faster than a call into V8 (about 55 ns flat). */
const SHORT = 32;
/** From here on the bytes are counted first: three per character would ask for too much memory. */
const COUNTED = 64 * 1024;
/** pino takes JSON.stringify for texts longer than this, and its own loop, which keeps lone surrogates, below. */
export const PINO_LOOP_LENGTH = 100;

/** 1 for the characters JSON escapes: controls, quote, backslash. */
const NEEDS_ESCAPE: Uint8Array = Uint8Array.from({ length: 128 }, (_, c) => (c < 32 || c === 34 || c === 92 ? 1 : 0));

const SURROGATE = 0xd800;
const LOW_SURROGATE = 0xdc00;
const HAS_CONTROL = /[\u0000-\u001f]/;

/**
 * Writes a string. `nested`: inside of an object, where JSON's rules hold for lone surrogates; otherwise pino's.
 * The loop notes on the way whether JSON will have to escape something, so that the worker need not look.
 */
export function putString(target: Target, text: string, nested: boolean): void {
  const length = text.length;
  if (length <= SHORT) {
    target.ensure(4 + 3 * SHORT);
    const bytes = target.bytes;
    const start = target.at + 4;
    let at = start;
    let escaped = 0;
    for (let i = 0; i < length; i++) {
      const c = text.charCodeAt(i);
      if (c < 0x80) {
        bytes[at++] = c;
        escaped |= NEEDS_ESCAPE[c]!;
      } else if (c < 0x800) {
        bytes[at] = 0xc0 | (c >> 6);
        bytes[at + 1] = 0x80 | (c & 63);
        at += 2;
      } else if ((c & 0xf800) !== SURROGATE) {
        bytes[at] = 0xe0 | (c >> 12);
        bytes[at + 1] = 0x80 | ((c >> 6) & 63);
        bytes[at + 2] = 0x80 | (c & 63);
        at += 3;
      } else {
        const low = c < 0xdc00 && i + 1 < length ? text.charCodeAt(i + 1) : 0;
        if ((low & 0xfc00) !== LOW_SURROGATE) {
          putLong(target, text, nested);
          return;
        }
        i++;
        const point = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
        bytes[at] = 0xf0 | (point >> 18);
        bytes[at + 1] = 0x80 | ((point >> 12) & 63);
        bytes[at + 2] = 0x80 | ((point >> 6) & 63);
        bytes[at + 3] = 0x80 | (point & 63);
        at += 4;
      }
    }
    const written = at - start;
    const tag = escaped !== 0 ? (written === length ? TAG_ASCII : TAG_UTF8) : TAG_PLAIN;
    target.words[target.at >>> 2] = tag | (written << 8);
    target.at = start + ((written + 3) & ~3);
    return;
  }
  putLong(target, text, nested);
}

/** Writes text that is JSON already. */
export function putJson(target: Target, json: string): void {
  putBytes(target, json, TAG_JSON, TAG_JSON, TAG_LONG_JSON, TAG_LONG_JSON);
}

function putLong(target: Target, text: string, nested: boolean): void {
  const mark = target.mark();
  const isAscii = putBytes(target, text, TAG_ASCII, TAG_UTF8, TAG_LONG_ASCII, TAG_LONG_UTF8);
  if (isAscii || text.isWellFormed()) return;
  // UTF-8 has no lone surrogates: they became U+FFFD, which is what pino's own loop ends up with too.
  if (!nested && text.length <= PINO_LOOP_LENGTH && !HAS_CONTROL.test(text)) return;
  target.rewind(mark);
  putJson(target, JSON.stringify(text));
}

/** Answers whether all of it was ASCII. */
function putBytes(
  target: Target,
  text: string,
  ascii: number,
  utf8: number,
  longAscii: number,
  longUtf8: number,
): boolean {
  const length = text.length;
  const most = length < COUNTED ? length * 3 : Buffer.byteLength(text);
  target.ensure(8 + most + 3);
  if (most > MAX_SHORT_LENGTH) {
    const written = target.bytes.utf8Write(text, target.at + 8, most);
    target.words[target.at >>> 2] = written === length ? longAscii : longUtf8;
    target.words[(target.at >>> 2) + 1] = written;
    target.at += 8 + ((written + 3) & ~3);
    return written === length;
  }
  const written = target.bytes.utf8Write(text, target.at + 4, most);
  target.words[target.at >>> 2] = (written === length ? ascii : utf8) | (written << 8);
  target.at += 4 + ((written + 3) & ~3);
  return written === length;
}
