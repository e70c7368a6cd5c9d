import {
  BINDINGS_INLINE,
  DamagedFrameError,
  type DictionaryView,
  type LoggerConfigEntry,
  RECORD_BINDINGS,
  RECORD_CONFIG,
  RECORD_HEAD_BYTES,
  RECORD_SHAPE,
  SHAPE_EXTRAS,
  SHAPE_ID_MASK,
  TAG_ARRAY,
  TAG_ASCII,
  TAG_FALSE,
  TAG_FLOAT64,
  TAG_INT24,
  TAG_INT32,
  TAG_JSON,
  TAG_LONG_ASCII,
  TAG_LONG_JSON,
  TAG_LONG_UTF8,
  TAG_NULL,
  TAG_OBJECT,
  TAG_PLAIN,
  TAG_TEMPLATE,
  TAG_TEXT,
  TAG_TRUE,
  TAG_UNDEFINED,
  TAG_UTF8,
} from "@spillway/core";
import type { JsonBytes } from "./json-bytes.ts";
import { LineHeads } from "./line-heads.ts";
import { type PreparedText, prepareText } from "./prepared-text.ts";
import { templateText } from "./template-text.ts";

const COMMA = 0x2c;
const TRUE: PreparedText = prepareText("true");
const FALSE: PreparedText = prepareText("false");
const NULL: PreparedText = prepareText("null");
const MAX_DEPTH = 64;

/**
 * Writes records as JSON lines of pino's shape, straight from the bytes of their frames: no record object, no string
 * in between. One per lane, because dictionaries are per lane.
 */
export class JsonLines {
  readonly out: JsonBytes;
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #dictionary: DictionaryView;
  readonly #heads: LineHeads;
  #keyTexts: PreparedText[][] = [];
  #texts: PreparedText[] = [];
  #epoch: number;
  #at = 0;
  /** The end of the payload that is being read. */
  #end = 0;
  #depth = 0;
  readonly #float = new Float64Array(1);
  readonly #floatWords = new Int32Array(this.#float.buffer);

  constructor(bytes: Buffer, dictionary: DictionaryView, out: JsonBytes) {
    this.out = out;
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.#dictionary = dictionary;
    this.#heads = new LineHeads(dictionary);
    this.#epoch = dictionary.epoch;
  }

  /**
   * Appends the line of the record whose payload of `length` bytes stands at byte `offset`. Throws DamagedFrameError
   * when it does not read as one; it never looks behind the payload.
   */
  write(offset: number, levelIndex: number, length: number): void {
    if (this.#epoch !== this.#dictionary.epoch) this.#forget();
    try {
      this.#write(offset, levelIndex, length);
    } catch (error) {
      if (error instanceof DamagedFrameError) throw error;
      throw new DamagedFrameError(
        `record that does not read (${error instanceof Error ? error.message : error})`,
        offset,
      );
    }
  }

  #write(offset: number, levelIndex: number, length: number): void {
    if (length < RECORD_HEAD_BYTES) throw new DamagedFrameError(`record of ${length} bytes`, offset);
    const out = this.out;
    const word = offset >>> 2;
    const configId = this.#words[word + RECORD_CONFIG / 4]!;
    const bindings = this.#words[word + RECORD_BINDINGS / 4]!;
    const shape = this.#words[word + RECORD_SHAPE / 4]!;
    this.#float64At(word);
    const head = this.#heads.find(configId, levelIndex, bindings, this.#float[0]!);
    out.text(head.open);
    this.#at = offset + RECORD_HEAD_BYTES;
    this.#end = offset + length;
    this.#depth = 0;
    if ((shape & BINDINGS_INLINE) !== 0) this.#value();
    const config = head.config;
    if (config.nestedOpen === "") this.#members(shape, false);
    else this.#nested(shape, config);
    this.#message(head.messageOpen);
    if (this.#at > this.#end) throw new DamagedFrameError("record that goes on behind its end", offset);
    out.text(head.end);
  }

  /** `bytes` of the payload are about to be read from `#at` on. */
  #need(bytes: number): void {
    if (bytes < 0 || this.#at + bytes > this.#end) throw new DamagedFrameError(`value of ${bytes} bytes`, this.#at);
  }

  #nested(shape: number, config: LoggerConfigEntry): void {
    const out = this.out;
    const before = out.at;
    out.utf8(config.nestedOpen);
    const open = out.at;
    this.#members(shape, true);
    if (out.at === open) out.at = before;
    else out.byte(0x7d);
  }

  #message(open: PreparedText): void {
    this.#need(4);
    const word = this.#words[this.#at >>> 2]!;
    const tag = word & 0xff;
    if (tag === TAG_UNDEFINED) return;
    const out = this.out;
    out.text(open);
    if (tag !== TAG_TEMPLATE) {
      this.#value();
      return;
    }
    this.#at += 4;
    out.utf8(JSON.stringify(this.#template(word >>> 8)));
  }

  #template(id: number): string {
    const count = this.#count(4);
    const args: unknown[] = [];
    for (let i = 0; i < count; i++) args.push(this.#decoded());
    return templateText(this.#dictionary.text(id), args);
  }

  /** The members of an object, each with a comma in front, the first one only if `isNested` is false. */
  #members(shape: number, isNested: boolean): void {
    const out = this.out;
    const id = shape & SHAPE_ID_MASK;
    const open = out.at;
    if (id !== 0) {
      const keys = this.#keyTexts[id] ?? this.#learnShape(id);
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i]!;
        if (i === 0 && isNested) out.copy(key.bytes, 1, key.bytes.length - 1);
        else out.text(key);
        this.#value();
      }
    }
    if ((shape & SHAPE_EXTRAS) === 0) return;
    const count = this.#count(8);
    for (let i = 0; i < count; i++) {
      if (!isNested || out.at !== open) out.byte(COMMA);
      this.#value();
      out.byte(0x3a);
      this.#value();
    }
  }

  /** A count, of things that take at least `least` bytes each. */
  #count(least: number): number {
    this.#need(4);
    const count = this.#words[this.#at >>> 2]!;
    this.#at += 4;
    this.#need(count * least);
    return count;
  }

  #value(): void {
    const out = this.out;
    this.#need(4);
    const word = this.#words[this.#at >>> 2]!;
    const length = word >>> 8;
    const start = this.#at + 4;
    switch (word & 0xff) {
      case TAG_PLAIN:
        this.#need(4 + length);
        out.plain(this.#bytes, this.#words, start, length);
        this.#at = start + ((length + 3) & ~3);
        return;
      case TAG_INT24:
        out.integer(word >> 8);
        this.#at = start;
        return;
      case TAG_ASCII:
      case TAG_UTF8:
        this.#need(4 + length);
        out.escaped(this.#bytes, this.#words, start, length);
        this.#at = start + ((length + 3) & ~3);
        return;
      case TAG_TEXT: {
        const text = this.#texts[length] ?? this.#learnText(length);
        out.text(text);
        this.#at = start;
        return;
      }
      case TAG_OBJECT:
        this.#object(start);
        return;
      case TAG_INT32:
        this.#need(8);
        out.integer(this.#words[start >>> 2]!);
        this.#at = start + 4;
        return;
      case TAG_FLOAT64:
        this.#need(12);
        this.#float64At(start >>> 2);
        out.float(this.#float[0]!);
        this.#at = start + 8;
        return;
      case TAG_TRUE:
        out.text(TRUE);
        this.#at = start;
        return;
      case TAG_FALSE:
        out.text(FALSE);
        this.#at = start;
        return;
      case TAG_NULL:
        out.text(NULL);
        this.#at = start;
        return;
      case TAG_ARRAY:
        this.#array(start, length);
        return;
      case TAG_JSON:
        this.#need(4 + length);
        out.copy(this.#bytes, start, length);
        this.#at = start + ((length + 3) & ~3);
        return;
      case TAG_LONG_ASCII:
      case TAG_LONG_UTF8:
      case TAG_LONG_JSON:
        this.#long(word & 0xff, start);
        return;
      default:
        throw new DamagedFrameError(`value with tag ${word & 0xff}`, this.#at);
    }
  }

  #object(start: number): void {
    this.#enter();
    this.#need(8);
    const shape = this.#words[start >>> 2]!;
    this.#at = start + 4;
    this.out.byte(0x7b);
    this.#members(shape, true);
    this.out.byte(0x7d);
    this.#depth--;
  }

  #array(start: number, count: number): void {
    this.#enter();
    this.#at = start;
    this.#need(count * 4);
    this.out.byte(0x5b);
    for (let i = 0; i < count; i++) {
      if (i !== 0) this.out.byte(COMMA);
      this.#value();
    }
    this.out.byte(0x5d);
    this.#depth--;
  }

  #long(tag: number, start: number): void {
    this.#need(8);
    const length = this.#words[start >>> 2]!;
    if (length < 0) throw new DamagedFrameError(`text of ${length} bytes`, this.#at);
    this.#need(8 + length);
    if (tag === TAG_LONG_JSON) this.out.copy(this.#bytes, start + 4, length);
    else this.out.escaped(this.#bytes, this.#words, start + 4, length);
    this.#at = start + 4 + ((length + 3) & ~3);
  }

  /** The next value as a JavaScript value, for what is put together as text. */
  #decoded(): unknown {
    this.#need(4);
    const word = this.#words[this.#at >>> 2]!;
    const tag = word & 0xff;
    if (tag === TAG_UNDEFINED) {
      this.#at += 4;
      return undefined;
    }
    if (tag === TAG_TEXT) {
      this.#at += 4;
      return this.#dictionary.text(word >>> 8);
    }
    if (tag === TAG_FLOAT64) {
      this.#need(12);
      this.#float64At((this.#at >>> 2) + 1);
      this.#at += 12;
      return this.#float[0];
    }
    const from = this.out.at;
    this.#value();
    const json = this.out.bytes.utf8Slice(from, this.out.at);
    this.out.at = from;
    const isText = tag === TAG_OBJECT || tag === TAG_ARRAY || tag === TAG_JSON || tag === TAG_LONG_JSON;
    return isText ? { json } : (JSON.parse(json) as unknown);
  }

  #float64At(word: number): void {
    this.#floatWords[0] = this.#words[word]!;
    this.#floatWords[1] = this.#words[word + 1]!;
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new DamagedFrameError("value nested too deep", this.#at);
  }

  #learnShape(id: number): PreparedText[] {
    const texts = this.#dictionary.keys(id).map((key) => prepareText(`,${JSON.stringify(key)}:`));
    this.#keyTexts[id] = texts;
    return texts;
  }

  #learnText(id: number): PreparedText {
    const text = prepareText(JSON.stringify(this.#dictionary.text(id)));
    this.#texts[id] = text;
    return text;
  }

  #forget(): void {
    this.#epoch = this.#dictionary.epoch;
    this.#keyTexts = [];
    this.#texts = [];
    this.#heads.forget();
  }
}
