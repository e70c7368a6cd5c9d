import { ENTRY_SHAPE, TAG_TEXT } from "@spillway/core";
import type { DictionaryWriter, Quota } from "./dictionary-writer.ts";
import { isHttpKey, keyFlags } from "./http-message.ts";
import type { Texts } from "./texts.ts";

/** Beyond these a key travels with its record instead: bounds for programs that use data as keys. */
const MAX_NODES = 8192;
const MAX_ROOT_CHILDREN = 512;
const MAX_CHILDREN = 256;
const MAX_DEPTH = 128;

/**
 * A node of the trie over the order of keys. The way from the root to it spells the keys of an object; its id stands
 * for them all. `lastKey`/`lastNode` remember the step taken last: at most call sites it is the only one, and comparing
 * two interned strings by pointer is all that a key costs.
 */
export interface ShapeNode {
  readonly id: number;
  /** How many keys lead here. */
  readonly depth: number;
  /** Which keys on the way here tell an HTTP request, and whether the last one tells a request or a response. */
  readonly flags: number;
  readonly isHttpKey: boolean;
  lastKey: string | undefined;
  lastNode: ShapeNode | undefined;
  /** The same for the first key of an object that is this key's value: its path begins at the root, where all begin. */
  innerKey: string | undefined;
  innerNode: ShapeNode | undefined;
  children: Map<string, ShapeNode> | undefined;
  /** The text the last step's field had last, see constantText. */
  value: string | undefined;
  /** The word that stands for `value`, once it is interned; 0 until then. */
  valueWord: number;
  /** How often in a row it was this text. */
  sightings: number;
  /** How often in a row the text was another one; at MAX_CHANGES the field is held to vary, and not looked at again. */
  changes: number;
}

/** A field whose text changed this often in a row is no constant. */
const MAX_CHANGES = 16;
/** And one that was the same this often is. */
const CONSTANT_SIGHTINGS = 4;
const MAX_CONSTANT_LENGTH = 128;

function makeNode(id: number, depth: number, flags: number, isHttpKey: boolean): ShapeNode {
  return {
    id,
    depth,
    flags,
    isHttpKey,
    lastKey: undefined,
    lastNode: undefined,
    innerKey: undefined,
    innerNode: undefined,
    children: undefined,
    value: undefined,
    valueWord: 0,
    sightings: 0,
    changes: 0,
  };
}

export class Shapes {
  readonly root: ShapeNode = makeNode(0, 0, 0, false);
  readonly #dictionary: DictionaryWriter;
  readonly #quota: Quota;
  readonly #texts: Texts;
  #nodes = 0;

  /** `texts`: where the constant values of fields are interned. */
  constructor(dictionary: DictionaryWriter, quota: Quota, texts: Texts) {
    this.#texts = texts;
    this.#dictionary = dictionary;
    this.#quota = quota;
  }

  /** The node `key` leads to from `node` when it is not the last one taken; undefined: the key must travel inline. */
  step(node: ShapeNode, key: string): ShapeNode | undefined {
    const known = node.children?.get(key);
    const next = known ?? this.#grow(node, key);
    if (next === undefined) return undefined;
    node.lastKey = key;
    node.lastNode = next;
    return next;
  }

  /** The node of the first key of an object that is the value of `site`'s key; undefined: the key must travel inline. */
  stepInto(site: ShapeNode, key: string): ShapeNode | undefined {
    const next = this.step(this.root, key);
    if (next === undefined) return undefined;
    site.innerKey = key;
    site.innerNode = next;
    return next;
  }

  /**
   * The word for the text of a field that always, or nearly always, has the same: `method: "GET"`. 0: write it out.
   * A literal is found by comparing pointers; a text that varies costs the look only for its first few records.
   */
  constantText(node: ShapeNode, text: string): number {
    if (node.value === text) {
      if (node.valueWord === 0 && ++node.sightings >= CONSTANT_SIGHTINGS) node.valueWord = this.#internValue(text);
      if (node.valueWord > 0) node.changes = 0;
      return node.valueWord > 0 ? node.valueWord : 0;
    }
    node.changes++;
    if (node.valueWord > 0 && node.changes < MAX_CHANGES) return 0;
    node.value = text;
    node.valueWord = 0;
    node.sightings = 1;
    return 0;
  }

  /** Whether it is worth asking for the field's text. */
  static mayBeConstant(node: ShapeNode): boolean {
    return node.changes < MAX_CHANGES;
  }

  #internValue(text: string): number {
    const id = text.length <= MAX_CONSTANT_LENGTH && text.isWellFormed() ? this.#texts.intern(text, this.#quota) : 0;
    return id === 0 ? -1 : TAG_TEXT | (id << 8);
  }

  #grow(node: ShapeNode, key: string): ShapeNode | undefined {
    const children = node.children;
    if (this.#nodes >= MAX_NODES || node.depth >= MAX_DEPTH) return undefined;
    if (children !== undefined && children.size >= (node.id === 0 ? MAX_ROOT_CHILDREN : MAX_CHILDREN)) return undefined;
    // A lone surrogate would not survive UTF-8.
    if (!key.isWellFormed()) return undefined;
    const id = this.#dictionary.append(ENTRY_SHAPE, key, this.#quota, node.id);
    if (id === 0) return undefined;
    const next = makeNode(id, node.depth + 1, node.flags | keyFlags(key), isHttpKey(key));
    this.#nodes++;
    if (children === undefined) node.children = new Map([[key, next]]);
    else children.set(key, next);
    return next;
  }
}
