import { types } from "node:util";
import {
  MAX_INT24,
  MIN_INT24,
  SHAPE_EXTRAS,
  TAG_ARRAY,
  TAG_FALSE,
  TAG_FLOAT64,
  TAG_INT24,
  TAG_INT32,
  TAG_NULL,
  TAG_OBJECT,
  TAG_TRUE,
} from "@spillway/core";
import { putString } from "./encode-text.ts";
import { type ShapeNode, Shapes } from "./shapes.ts";
import type { Target } from "./target.ts";

/** From this depth on a value is suspected of leading back to itself: what stands above it is remembered and compared. */
const SUSPECT_DEPTH = 12;
/** Deeper than this, or with more objects and elements, a value is left to JSON.stringify. */
const MAX_DEPTH = 48;
const MAX_OBJECTS = 4096;

const hasOwn = Object.prototype.hasOwnProperty;
const isArray = Array.isArray;

const float = new Float64Array(1);
const floatWords = new Int32Array(float.buffer);

export function putNumber(target: Target, value: number): void {
  target.ensure(12);
  const word = target.at >>> 2;
  if ((value | 0) === value) {
    if (value <= MAX_INT24 && value >= MIN_INT24) {
      target.words[word] = TAG_INT24 | (value << 8);
      target.at += 4;
    } else {
      target.words[word] = TAG_INT32;
      target.words[word + 1] = value;
      target.at += 8;
    }
    return;
  }
  float[0] = value;
  target.words[word] = TAG_FLOAT64;
  target.words[word + 1] = floatWords[0]!;
  target.words[word + 2] = floatWords[1]!;
  target.at += 12;
}

/**
 * Writes plain data as what `JSON.stringify` would make of it: own enumerable members in order, undefined, functions
 * and symbols left out (null in arrays), `toJSON` called. Hot path.
 *
 * `object` answers false when the value is something only the real JSON.stringify should judge (cycles, depth, BigInt,
 * boxed primitives); what was written so far is then the caller's to rewind. Getters and toJSON may throw through it.
 */
export class ValueEncoder {
  readonly #target: Target;
  readonly #shapes: Shapes;
  /** Objects and array elements of the value so far. */
  #objects = 0;
  /** Whether the last value was one that JSON cannot express, rather than one it should be asked about. */
  isRefused = false;
  /** The objects above the one at hand, from SUSPECT_DEPTH on. */
  readonly #above: object[] = [];

  constructor(target: Target, shapes: Shapes) {
    this.#target = target;
    this.#shapes = shapes;
  }

  /** A value of a record's own field, of type object and not null. `site`: the node of the field's key. */
  top(value: object, site: ShapeNode): boolean {
    this.#objects = 0;
    this.isRefused = false;
    const isWhole = this.#object(value, site, "", 0);
    if (this.#above.length !== 0) this.#above.length = 0;
    return isWhole;
  }

  #object(value: object, site: ShapeNode, key: string | number, depth: number): boolean {
    this.#objects++;
    const isList = isArray(value);
    const toJSON = isList ? (value as { toJSON?: unknown }).toJSON : (value as { toJSON?: unknown }).toJSON;
    if (typeof toJSON === "function") return this.#converted(toJSON.call(value, String(key)), site, depth);
    return isList ? this.#array(value, site, depth) : this.#members(value as Record<string, unknown>, site, depth);
  }

  /** Whether the object is not to be gone into; one that stands above itself is refused. */
  #isTooDeep(value: unknown, depth: number): boolean {
    if (depth >= MAX_DEPTH) return true;
    if (typeof value !== "object" || value === null) return false;
    const above = this.#above;
    const at = depth - SUSPECT_DEPTH;
    for (let i = 0; i < at; i++) {
      if (above[i] !== value) continue;
      this.isRefused = true;
      return true;
    }
    above[at] = value;
    return false;
  }

  #boxedInstead(value: object, shapeAt: number): boolean {
    this.#target.rewind(shapeAt - 4);
    return this.#boxed(value);
  }

  /** `new String("x")` and its like stand for what is in them; a boxed BigInt is refused as a plain one is. */
  #boxed(value: object): boolean {
    if (types.isNumberObject(value)) return this.#primitive(Number(value));
    if (types.isStringObject(value)) return this.#primitive(String(value));
    if (types.isBooleanObject(value)) return this.#primitive(Boolean.prototype.valueOf.call(value));
    this.isRefused = types.isBigIntObject(value);
    return false;
  }

  /** What toJSON answered. Its own toJSON, if it has one, is not asked again. */
  #converted(value: unknown, site: ShapeNode, depth: number): boolean {
    if (typeof value !== "object" || value === null) return this.#primitive(value);
    if (isArray(value)) return this.#array(value, site, depth);
    return this.#members(value as Record<string, unknown>, site, depth);
  }

  #members(value: Record<string, unknown>, site: ShapeNode, depth: number): boolean {
    const target = this.#target;
    target.putWord(TAG_OBJECT);
    const shapeAt = target.mark();
    target.putWord(0);
    const root = this.#shapes.root;
    let node: ShapeNode = root;
    let extrasAt = -1;
    for (const key in value) {
      if (!hasOwn.call(value, key)) continue;
      // A boxed string shows its characters as members.
      if (key === "0" && types.isStringObject(value)) return this.#boxedInstead(value, shapeAt);
      const member = value[key];
      if (!isWritten(member)) continue;
      let next: ShapeNode | undefined;
      if (extrasAt !== -1) next = undefined;
      else if (node === root) next = site.innerKey === key ? site.innerNode : this.#shapes.stepInto(site, key);
      else next = node.lastKey === key ? node.lastNode : this.#shapes.step(node, key);
      if (next === undefined) {
        extrasAt = this.#extraKey(extrasAt, key);
        if (!this.#value(member, node, key, depth)) return false;
        continue;
      }
      node = next;
      if (typeof member === "string") {
        const constant = Shapes.mayBeConstant(next) ? this.#shapes.constantText(next, member) : 0;
        if (constant !== 0) target.putWord(constant);
        else putString(target, member, true);
      } else if (typeof member === "number") {
        if (member - member === 0) putNumber(target, member);
        else target.putWord(TAG_NULL);
      } else if (!this.#value(member, next, key, depth)) {
        return false;
      }
    }
    // Only an object without members can be another boxed primitive: asking is worth it here alone.
    if (node.id === 0 && extrasAt === -1 && isBoxed(value)) return this.#boxedInstead(value, shapeAt);
    target.setWordAt(shapeAt, node.id | (extrasAt === -1 ? 0 : SHAPE_EXTRAS));
    return true;
  }

  /** Writes a key the trie has no room for, and counts it where the first of them began. */
  #extraKey(extrasAt: number, key: string): number {
    const target = this.#target;
    let at = extrasAt;
    if (at === -1) {
      at = target.mark();
      target.putWord(0);
    }
    target.setWordAt(at, target.wordAt(at) + 1);
    putString(target, key, true);
    return at;
  }

  #array(value: readonly unknown[], site: ShapeNode, depth: number): boolean {
    const target = this.#target;
    const length = value.length;
    this.#objects += length;
    if (this.#objects > MAX_OBJECTS) return false;
    target.putWord(TAG_ARRAY | (length << 8));
    for (let i = 0; i < length; i++) {
      const element = value[i];
      if (!isWritten(element)) target.putWord(TAG_NULL);
      else if (!this.#value(element, site, i, depth)) return false;
    }
    return true;
  }

  #value(value: unknown, site: ShapeNode, key: string | number, depth: number): boolean {
    if (typeof value !== "object" || value === null) return this.#primitive(value);
    if (++this.#objects > MAX_OBJECTS) return false;
    // Asked at two places, because V8 remembers a few kinds of objects per place: arrays come in few, objects in many.
    const isList = isArray(value);
    const toJSON = isList ? (value as { toJSON?: unknown }).toJSON : (value as { toJSON?: unknown }).toJSON;
    if (typeof toJSON === "function") {
      const converted: unknown = toJSON.call(value, String(key));
      // A toJSON that answers nothing takes its member along, which is too late here: the key is written.
      if (!isWritten(converted) || (depth >= SUSPECT_DEPTH && this.#isTooDeep(converted, depth))) return false;
      return this.#converted(converted, site, depth + 1);
    }
    if (depth >= SUSPECT_DEPTH && this.#isTooDeep(value, depth)) return false;
    return isList
      ? this.#array(value, site, depth + 1)
      : this.#members(value as Record<string, unknown>, site, depth + 1);
  }

  #primitive(value: unknown): boolean {
    if (typeof value === "string") putString(this.#target, value, true);
    else if (typeof value === "number") {
      if (value - value === 0) putNumber(this.#target, value);
      else this.#target.putWord(TAG_NULL);
    } else if (typeof value === "boolean") this.#target.putWord(value ? TAG_TRUE : TAG_FALSE);
    else if (value === null) this.#target.putWord(TAG_NULL);
    else {
      // BigInt: JSON.stringify would throw, so there is no need to ask it.
      this.isRefused = true;
      return false;
    }
    return true;
  }
}

/** A boxed symbol is an object without members, to JSON. */
function isBoxed(value: object): boolean {
  return types.isBoxedPrimitive(value) && !types.isSymbolObject(value);
}

/**
 * Each `typeof` compared where it stands: kept in a variable it would be a string, and making it a call of V8's (3 % of
 * the cost of a record with objects in it).
 */
function isWritten(value: unknown): boolean {
  return typeof value !== "undefined" && typeof value !== "function" && typeof value !== "symbol";
}
