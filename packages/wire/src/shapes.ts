import { ENTRY_SHAPE } from "@spillway/core";
import type { DictionaryWriter, Quota } from "./dictionary-writer.ts";

/** Beyond these a key travels with its record instead: bounds for programs that use data as keys. */
const MAX_NODES = 8192;
const MAX_ROOT_CHILDREN = 512;
const MAX_CHILDREN = 64;

/**
 * A node of the trie over the order of keys. The way from the root to it spells the keys of an object; its id stands
 * for them all. `lastKey`/`lastNode` remember the step taken last: at most call sites it is the only one, and comparing
 * two interned strings by pointer is all that a key costs.
 */
export interface ShapeNode {
  readonly id: number;
  lastKey: string | undefined;
  lastNode: ShapeNode | undefined;
  children: Map<string, ShapeNode> | undefined;
}

function makeNode(id: number): ShapeNode {
  return { id, lastKey: undefined, lastNode: undefined, children: undefined };
}

export class Shapes {
  readonly root: ShapeNode = makeNode(0);
  readonly #dictionary: DictionaryWriter;
  readonly #quota: Quota;
  #nodes = 0;

  constructor(dictionary: DictionaryWriter, quota: Quota) {
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

  #grow(node: ShapeNode, key: string): ShapeNode | undefined {
    const children = node.children;
    if (this.#nodes >= MAX_NODES) return undefined;
    if (children !== undefined && children.size >= (node.id === 0 ? MAX_ROOT_CHILDREN : MAX_CHILDREN)) return undefined;
    // A lone surrogate would not survive UTF-8.
    if (!key.isWellFormed()) return undefined;
    const id = this.#dictionary.append(ENTRY_SHAPE, key, this.#quota, node.id);
    if (id === 0) return undefined;
    const next = makeNode(id);
    this.#nodes++;
    if (children === undefined) node.children = new Map([[key, next]]);
    else children.set(key, next);
    return next;
  }
}
