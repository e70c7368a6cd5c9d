import {
  type DictionaryRegion,
  ENTRY_CHECK_WORD,
  ENTRY_HEADER_BYTES,
  ENTRY_LENGTH_WORD,
  ENTRY_TAG_WORD,
  entryCheck,
  entryTag,
} from "@spillway/core";

/** How much of the dictionary one kind of entry may take: plenty of one must not starve the others. */
export interface Quota {
  leftBytes: number;
}

/** Appends to a lane's dictionary. One per lane, on the thread that owns it. Bounded: full is an answer. */
export class DictionaryWriter {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #region: DictionaryRegion;
  #used = 0;
  #entries = 0;

  /** Begins the dictionary anew. Only right when every frame of the lane's earlier owner has been acked. */
  constructor(region: DictionaryRegion) {
    this.#region = region;
    this.#words = new Int32Array(region.memory);
    this.#bytes = Buffer.from(region.memory, region.offset, region.bytes);
    this.#words[region.usedWord] = 0;
    this.#words[region.entriesWord] = 0;
    Atomics.add(this.#words, region.epochWord, 1);
  }

  get usedBytes(): number {
    return this.#used;
  }

  get capacity(): number {
    return this.#region.bytes;
  }

  /**
   * The id of a new entry, or 0 when there is no room or no quota. With `parent` the payload begins with that word.
   The entry is whole before USED says so, and USED is stored before the frame that refers to it is committed.
   */
  append(kind: number, text: string, quota: Quota, parent?: number): number {
    const lead = parent === undefined ? 0 : 4;
    const start = this.#used;
    const room = Math.min(quota.leftBytes, this.#region.bytes - start) - ENTRY_HEADER_BYTES - lead - 3;
    if (text.length > room || (text.length * 3 > room && Buffer.byteLength(text) > room)) return 0;
    const word = (this.#region.offset + start) >>> 2;
    const length = lead + this.#bytes.write(text, start + ENTRY_HEADER_BYTES + lead, "utf8");
    this.#entries++;
    this.#words[word + ENTRY_LENGTH_WORD] = length;
    this.#words[word + ENTRY_TAG_WORD] = entryTag(kind, this.#entries);
    if (parent !== undefined) this.#words[word + ENTRY_HEADER_BYTES / 4] = parent;
    this.#words[word + ENTRY_CHECK_WORD] = entryCheck(this.#bytes, start, length);
    this.#used = (start + ENTRY_HEADER_BYTES + length + 3) & ~3;
    quota.leftBytes -= this.#used - start;
    this.#words[this.#region.entriesWord] = this.#entries;
    Atomics.store(this.#words, this.#region.usedWord, this.#used);
    return this.#entries;
  }
}
