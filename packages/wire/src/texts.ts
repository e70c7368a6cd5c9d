import { ENTRY_TEXT } from "@spillway/core";
import type { DictionaryWriter, Quota } from "./dictionary-writer.ts";
import { parseTemplate } from "./template.ts";

/** Two texts can live under one key; the one found last stands first. */
const KEYS = 1024;
const WAYS = 2;
const MAX_TEXT_LENGTH = 256;
/** How often in a row a text must turn up in its slot before it is believed to be constant. */
const SIGHTINGS = 2;

/** Five characters and the length: enough to keep apart messages that differ in a digit or a word. */
function keyOf(text: string, length: number): number {
  const middle = length >> 1;
  let key = length * 31 + text.charCodeAt(length - 1);
  key = key * 31 + text.charCodeAt(length === 1 ? 0 : length - 2);
  key = key * 31 + text.charCodeAt(middle);
  key = key * 31 + text.charCodeAt(middle === 0 ? 0 : middle - 1);
  key = (key * 31 + text.charCodeAt(length >> 2)) | 0;
  return ((key ^ (key >>> 10) ^ (key >>> 20)) & (KEYS - 1)) * WAYS;
}

export interface KnownText {
  text: string;
  /** Dictionary id; 0 while it is only a candidate, -1 when the dictionary had no room. */
  id: number;
  sightings: number;
  /** The conversions of a printf template, undefined until it was needed. */
  conversions: Uint8Array | undefined;
}

/**
 * Tells constant messages from built ones. A small cache, keyed by length and a few characters, compared by
 * identity first: a literal is found by one pointer compare; a built text almost never equals the last one in its slot
 * and costs the look. A text is interned when it was seen twice.
 */
export class Texts {
  readonly #slots: KnownText[];
  readonly #interned = new Map<string, number>();
  readonly #dictionary: DictionaryWriter;
  readonly #quota: Quota;

  constructor(dictionary: DictionaryWriter, quota: Quota) {
    this.#dictionary = dictionary;
    this.#quota = quota;
    this.#slots = Array.from({ length: KEYS * WAYS }, () => ({
      text: "",
      id: 0,
      sightings: 0,
      conversions: undefined,
    }));
  }

  /** The entry of a text that is interned; undefined: write it inline. */
  find(text: string): KnownText | undefined {
    const length = text.length;
    if (length === 0 || length > MAX_TEXT_LENGTH) return undefined;
    const slots = this.#slots;
    const at = keyOf(text, length);
    const first = slots[at]!;
    if (first.text === text) return first.id > 0 ? first : this.#sighted(first);
    const second = slots[at + 1]!;
    slots[at] = second;
    slots[at + 1] = first;
    if (second.text === text) return second.id > 0 ? second : this.#sighted(second);
    second.text = text;
    second.id = 0;
    second.sightings = 1;
    second.conversions = undefined;
    return undefined;
  }

  /** The id of a text that is known to be constant, such as bindings; 0: no room. */
  intern(text: string, quota: Quota = this.#quota): number {
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    const id = this.#dictionary.append(ENTRY_TEXT, text, quota);
    if (id !== 0) this.#interned.set(text, id);
    return id;
  }

  conversionsOf(known: KnownText): Uint8Array {
    known.conversions ??= parseTemplate(known.text);
    return known.conversions;
  }

  #sighted(slot: KnownText): KnownText | undefined {
    slot.sightings++;
    if (slot.sightings < SIGHTINGS || slot.id < 0) return undefined;
    // A lone surrogate would not survive UTF-8; such a text goes the way of built ones.
    const id = slot.text.isWellFormed() ? this.intern(slot.text) : 0;
    slot.id = id === 0 ? -1 : id;
    return id === 0 ? undefined : slot;
  }
}
