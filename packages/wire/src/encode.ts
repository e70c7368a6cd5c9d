import {
  BINDINGS_INLINE,
  RECORD_BINDINGS,
  RECORD_CONFIG,
  RECORD_HEAD_BYTES,
  RECORD_SHAPE,
  RECORD_TIME,
  SHAPE_EXTRAS,
  TAG_ASCII,
  TAG_FALSE,
  TAG_LONG_ASCII,
  TAG_LONG_UTF8,
  TAG_NULL,
  TAG_PLAIN,
  TAG_TEMPLATE,
  TAG_TEXT,
  TAG_TRUE,
  TAG_UNDEFINED,
  TAG_UTF8,
} from "@spillway/core";
import { putJson, putString } from "./encode-text.ts";
import { putNumber, ValueEncoder } from "./encode-value.ts";
import { HTTP_MESSAGE, isHttpMessage, keyFlags, REQUEST_KEYS, unlessHttp } from "./http-message.ts";
import { type ShapeNode, Shapes } from "./shapes.ts";
import { Target } from "./target.ts";
import { CONVERT_JSON } from "./template.ts";
import type { KnownText, Texts } from "./texts.ts";

/** What happens to a field of a certain name before it is written: serializers and redaction. */
export interface FieldRules {
  /** The only name with a rule, where there is just one: found by comparing pointers. */
  readonly onlyKey: string | undefined;
  /** All names with a rule, where there are several. */
  readonly keys: ReadonlySet<string> | undefined;
  /** Whether every name has a rule. */
  readonly all: boolean;
  /** The value to write instead; never throws. */
  serialize(key: string, value: unknown): unknown;
  /** The JSON text to write, undefined to leave the field out, or NO_TEXT: write the value. Never throws. */
  stringify(key: string, value: unknown): string | undefined | typeof NO_TEXT;
}

export const NO_TEXT: unique symbol = Symbol("no text of its own");

/**
 * JSON text of a value that plain encoding cannot express; undefined when JSON has none. Never throws. `isRefused`: it
 * is known that JSON.stringify would. `isInMessage`: it becomes part of a text.
 */
export type Stringify = (value: unknown, isRefused?: boolean, isInMessage?: boolean) => string | undefined;

const hasOwn = Object.prototype.hasOwnProperty;

/**
 * Writes the payload of a FRAME_RECORD, in the order of core/record-layout.ts:
 *
 *   begin -> fields | noFields -> message | template | noMessage
 *
 * Hot path. Values that only user code can turn into data (serializers, toJSON, getters) run here, on the calling
 * thread, once; but a value that turns out to be none for JSON (a cycle, a BigInt) is read again for its text.
 */
export class Encoder {
  readonly target: Target;
  readonly #values: ValueEncoder;
  readonly #shapes: Shapes;
  readonly #texts: Texts;
  readonly #stringify: Stringify;

  constructor(memory: SharedArrayBuffer, shapes: Shapes, texts: Texts, stringify: Stringify) {
    this.target = new Target(memory);
    this.#shapes = shapes;
    this.#texts = texts;
    this.#values = new ValueEncoder(this.target, shapes);
    this.#stringify = stringify;
  }

  /**
   * The head, at byte `start`, a multiple of 8, of the ring's memory; the claim promises room for it. The time, in its
   * first 8 bytes, is the caller's to store.
   * `bindingsText`: the bindings themselves, where they have no id.
   */
  begin(start: number, end: number, config: number, bindings: number, bindingsText: string | undefined): void {
    const target = this.target;
    target.open(start, end);
    const word = start >>> 2;
    target.words[word + RECORD_CONFIG / 4] = config;
    target.words[word + RECORD_BINDINGS / 4] = bindings;
    target.words[word + RECORD_SHAPE / 4] = 0;
    target.at = start + RECORD_HEAD_BYTES;
    if (bindingsText !== undefined) this.#inlineBindings(bindingsText);
  }

  /** The head of a record that is written outside of the ring. */
  beginOutside(time: number, config: number, bindings: number, bindingsText: string | undefined): void {
    const target = this.target;
    target.openOutside();
    target.bytes.writeDoubleLE(time, RECORD_TIME);
    target.words[RECORD_CONFIG / 4] = config;
    target.words[RECORD_BINDINGS / 4] = bindings;
    target.words[RECORD_SHAPE / 4] = 0;
    target.at = RECORD_HEAD_BYTES;
    if (bindingsText !== undefined) this.#inlineBindings(bindingsText);
  }

  /**
   * Own enumerable members, as pino picks them: undefined and functions are left out. `mayBeHttp`: the object has not
   * been asked yet whether it is an HTTP request or response. True: it is one, and what was written so far is not to
   * be used. It is asked before code of the user's could tell that it was read, so most objects never are.
   */
  fields(fields: Record<string, unknown>, rules: FieldRules, mayBeHttp: boolean): boolean {
    const target = this.target;
    const onlyKey = rules.onlyKey;
    const hasRules = rules.keys !== undefined || rules.all;
    let node: ShapeNode = this.#shapes.root;
    let extrasAt = -1;
    let extraFlags = 0;
    let isUnasked = mayBeHttp;
    if (hasRules && isUnasked) {
      if (isHttpMessage(fields)) return true;
      isUnasked = false;
    }
    for (const key in fields) {
      if (!hasOwn.call(fields, key)) continue;
      let value = fields[key];
      if (value === undefined) continue;
      let text: string | undefined | typeof NO_TEXT = NO_TEXT;
      if (key === onlyKey) {
        if (isUnasked) {
          isUnasked = false;
          value = unlessHttp(fields, key, value);
          if (value === HTTP_MESSAGE) return true;
        }
        value = rules.serialize(key, value);
      }
      if (hasRules) {
        value = rules.serialize(key, value);
        if (value === undefined || typeof value === "function") continue;
        text = rules.stringify(key, value);
        if (text === undefined) continue;
      }
      const before = target.mark();
      const next = extrasAt !== -1 ? undefined : node.lastKey === key ? node.lastNode : this.#shapes.step(node, key);
      if (next === undefined) {
        if (extrasAt === -1) target.putWord(0);
        putString(target, key, false);
      }
      if (text !== NO_TEXT) putJson(target, text);
      else if (typeof value === "string") {
        const constant = next !== undefined && Shapes.mayBeConstant(next) ? this.#shapes.constantText(next, value) : 0;
        if (constant !== 0) target.putWord(constant);
        else putString(target, value, false);
      } else if (typeof value === "number" && next !== undefined && !next.isHttpKey) {
        if (value - value === 0) putNumber(target, value);
        else target.putWord(TAG_NULL);
      } else {
        if (isUnasked && (typeof value === "object" || next === undefined || next.isHttpKey)) {
          isUnasked = false;
          value = unlessHttp(fields, key, value);
          if (value === HTTP_MESSAGE) return true;
        }
        if (!this.#field(value, next ?? node)) {
          target.rewind(before);
          continue;
        }
      }
      if (next !== undefined) node = next;
      else {
        if (extrasAt === -1) extrasAt = before;
        extraFlags |= keyFlags(key);
        target.setWordAt(extrasAt, before === extrasAt ? 1 : target.wordAt(extrasAt) + 1);
      }
    }
    const shape = target.wordAt(RECORD_SHAPE) | node.id;
    target.setWordAt(RECORD_SHAPE, extrasAt === -1 ? shape : shape | SHAPE_EXTRAS);
    // All three are texts: nothing else came by that would have been asked.
    return isUnasked && (node.flags | extraFlags) === REQUEST_KEYS && isHttpMessage(fields);
  }

  /** The message of a record that has none. */
  noMessage(): void {
    this.target.putWord(TAG_UNDEFINED);
  }

  text(message: string): void {
    const known = this.#texts.find(message);
    if (known !== undefined) this.target.putWord(TAG_TEXT | (known.id << 8));
    else putString(this.target, message, false);
  }

  /** A message that is no string. Answers false, having written nothing, when it has no JSON form. */
  value(message: unknown): boolean {
    return this.#field(message, this.#shapes.root);
  }

  json(text: string): void {
    putJson(this.target, text);
  }

  /** The interned form of a printf template, when it has one by now. */
  template(template: string): KnownText | undefined {
    return this.#texts.find(template);
  }

  conversionsOf(known: KnownText): Uint8Array {
    return this.#texts.conversionsOf(known);
  }

  /** The same for one or two arguments, without an array. */
  formattedShort(known: KnownText, first: unknown, second: unknown, given: number): boolean {
    const target = this.target;
    const conversions = this.#texts.conversionsOf(known);
    const count = given < conversions.length ? given : conversions.length;
    if (count === 0) return false;
    if (count === 2 && typeof first === "object" && !mayTravel(second, conversions[1]!)) return false;
    const before = target.mark();
    target.putWord(TAG_TEMPLATE | (known.id << 8));
    target.putWord(count);
    if (this.#argument(first, conversions[0]!) && (count === 1 || this.#argument(second, conversions[1]!))) return true;
    target.rewind(before);
    return false;
  }

  /** A template and its arguments, to be put together by the worker. False: one of them must be converted here. */
  formatted(known: KnownText, args: readonly unknown[]): boolean {
    const target = this.target;
    const conversions = this.#texts.conversionsOf(known);
    const count = args.length < conversions.length ? args.length : conversions.length;
    // Without an argument the formatter would leave the template as it is, `%%` and all.
    if (count === 0) return false;
    const before = target.mark();
    target.putWord(TAG_TEMPLATE | (known.id << 8));
    target.putWord(count);
    for (let i = 0; i < count; i++) {
      if (
        (typeof args[i] === "object" && !mayAllTravel(args, conversions, i, count)) ||
        !this.#argument(args[i], conversions[i]!)
      ) {
        target.rewind(before);
        return false;
      }
    }
    return true;
  }

  #argument(value: unknown, conversion: number): boolean {
    if (typeof value === "string") return this.#stringArgument(value);
    if (typeof value === "number") putNumber(this.target, value);
    else if (typeof value === "boolean") this.target.putWord(value ? TAG_TRUE : TAG_FALSE);
    else if (value === undefined) this.target.putWord(TAG_UNDEFINED);
    else if (value === null) this.target.putWord(TAG_NULL);
    else return typeof value === "object" && conversion === CONVERT_JSON && this.#jsonArgument(value);
    return true;
  }

  /** As text: the worker must be able to tell an object that toJSON turned into a string from a string. */
  #jsonArgument(value: object): boolean {
    const text = this.#stringify(value, false, true);
    if (text === undefined) return false;
    putJson(this.target, text);
    return true;
  }

  /** Lone surrogates do not survive UTF-8, and what becomes of them depends on the whole message. */
  #stringArgument(value: string): boolean {
    const before = this.target.mark();
    putString(this.target, value, true);
    const tag = this.target.wordAt(before) & 0xff;
    return (
      tag === TAG_PLAIN || tag === TAG_ASCII || tag === TAG_UTF8 || tag === TAG_LONG_ASCII || tag === TAG_LONG_UTF8
    );
  }

  /** A value as pino writes it on the first level. False: nothing was written, there is no JSON form. */
  #field(value: unknown, site: ShapeNode): boolean {
    const target = this.target;
    if (typeof value === "number") {
      if (value - value === 0) putNumber(target, value);
      else target.putWord(TAG_NULL);
    } else if (typeof value === "string") putString(target, value, false);
    else if (typeof value === "boolean") target.putWord(value ? TAG_TRUE : TAG_FALSE);
    else if (value === null) target.putWord(TAG_NULL);
    else return typeof value !== "undefined" && typeof value !== "function" && this.#encode(value, site);
    return true;
  }

  #encode(value: unknown, site: ShapeNode): boolean {
    const target = this.target;
    const before = target.mark();
    try {
      if (typeof value === "object" && this.#values.top(value as object, site)) return true;
    } catch {
      // A getter or a toJSON threw. JSON.stringify below meets the same and says what pino says.
    }
    target.rewind(before);
    const text = this.#stringify(value, typeof value === "object" && this.#values.isRefused);
    if (text === undefined) return false;
    putJson(target, text);
    return true;
  }

  #inlineBindings(text: string): void {
    const target = this.target;
    target.setWordAt(RECORD_SHAPE, BINDINGS_INLINE);
    putJson(target, text);
  }
}

/** Before code of the user's makes the text of one argument: whether any behind it would have all of them made again. */
function mayAllTravel(args: readonly unknown[], conversions: Uint8Array, from: number, count: number): boolean {
  for (let i = from; i < count; i++) if (!mayTravel(args[i], conversions[i]!)) return false;
  return true;
}

function mayTravel(value: unknown, conversion: number): boolean {
  switch (typeof value) {
    case "string":
      return value.isWellFormed();
    case "object":
      return value === null || conversion === CONVERT_JSON;
    case "function":
    case "symbol":
    case "bigint":
      return false;
    default:
      return true;
  }
}
