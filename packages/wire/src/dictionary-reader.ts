import {
  DamagedFrameError,
  type DictionaryRegion,
  type DictionaryView,
  ENTRY_CHECK_WORD,
  ENTRY_CONFIG,
  ENTRY_HEADER_BYTES,
  ENTRY_LENGTH_WORD,
  ENTRY_SHAPE,
  ENTRY_TAG_WORD,
  ENTRY_TEXT,
  entryCheck,
  type LoggerConfigEntry,
} from "@spillway/core";

interface Entry {
  readonly kind: number;
  readonly at: number;
  readonly length: number;
}

/** A stretch of the dictionary that holds no entries although it should. */
export interface DictionaryDamage {
  /** Bytes of the region. */
  readonly from: number;
  readonly to: number;
  /** Numbers of the entries that stood there: `firstId` and up, `entries` of them. */
  readonly firstId: number;
  readonly entries: number;
}

/** Regions' worth of bytes whose check is computed on searches for whole entries: a payload must not make them long. */
const MOST_SEARCHED = 16;

const NO_KEYS: readonly string[] = [];

/**
 * Reads a lane's dictionary, entry by entry, as frames refer to them. Decoded forms are kept. Behind a damaged entry the
 * next whole one is searched, by its number and check.
 */
export class DictionaryReader implements DictionaryView {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #region: DictionaryRegion;
  #epoch: number;
  /** By number - 1; undefined: damaged. */
  #entries: (Entry | undefined)[] = [];
  #readTo = 0;
  #damage: DictionaryDamage[] = [];
  #searched = 0;
  #keys: (readonly string[])[] = [];
  #configs: LoggerConfigEntry[] = [];

  constructor(region: DictionaryRegion) {
    this.#region = region;
    this.#words = new Int32Array(region.memory);
    this.#bytes = Buffer.from(region.memory, region.offset, region.bytes);
    this.#epoch = Atomics.load(this.#words, region.epochWord);
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** To be called in front of frames: begins anew when the lane's owner did. */
  refresh(): void {
    const epoch = Atomics.load(this.#words, this.#region.epochWord);
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#entries = [];
    this.#damage = [];
    this.#keys = [];
    this.#configs = [];
    this.#readTo = 0;
  }

  text(id: number): string {
    const entry = this.#entry(id, ENTRY_TEXT);
    return this.#bytes.utf8Slice(entry.at, entry.at + entry.length);
  }

  textBytes(id: number): Uint8Array {
    const entry = this.#entry(id, ENTRY_TEXT);
    return this.#bytes.subarray(entry.at, entry.at + entry.length);
  }

  keys(shape: number): readonly string[] {
    if (shape === 0) return NO_KEYS;
    const known = this.#keys[shape];
    if (known !== undefined) return known;
    const keys: string[] = [];
    for (let id = shape; id !== 0; ) {
      const entry = this.#entry(id, ENTRY_SHAPE);
      keys.push(this.#bytes.utf8Slice(entry.at + 4, entry.at + entry.length));
      const parent = this.#words[(this.#region.offset + entry.at) >>> 2]!;
      // A parent is always older: its id is smaller, so this ends.
      if (parent >= id || parent < 0) throw new DamagedFrameError(`shape ${id} has parent ${parent}`, entry.at);
      id = parent;
    }
    keys.reverse();
    this.#keys[shape] = keys;
    return keys;
  }

  config(id: number): LoggerConfigEntry {
    const known = this.#configs[id];
    if (known !== undefined) return known;
    const entry = this.#entry(id, ENTRY_CONFIG);
    const config = parseConfig(this.#bytes.utf8Slice(entry.at, entry.at + entry.length), entry.at);
    this.#configs[id] = config;
    return config;
  }

  /** What was damaged, as far as it was read. */
  get damage(): readonly DictionaryDamage[] {
    return this.#damage;
  }

  /**
   * Of a dead process: reads all there is, and answers how far that goes and how many entries it is. More than
   * DICTIONARY_USED says may be there: what an earlier owner of the lane left, no frame refers to. `isSound`: whether the
   * two words can be right.
   *
   * Not while the dictionary grows: an entry behind the end may be about to be overwritten.
   */
  survey(): { readonly used: number; readonly entries: number; readonly isSound: boolean } {
    this.#readOn(this.#region.bytes);
    const used = this.#words[this.#region.usedWord]!;
    const entries = this.#words[this.#region.entriesWord]!;
    const ends = [0, ...this.#entries.map((entry, index) => this.#endOf(entry, index + 1))];
    const count = ends.lastIndexOf(used);
    return {
      used: this.#readTo,
      entries: this.#entries.length,
      // Its process may have died between the two stores.
      isSound: count >= 0 && (entries === count || entries === count + 1),
    };
  }

  #endOf(entry: Entry | undefined, id: number): number {
    if (entry !== undefined) return (entry.at + entry.length + 3) & ~3;
    return this.#damage.find(({ firstId, entries }) => id >= firstId && id < firstId + entries)!.to;
  }

  #entry(id: number, kind: number): Entry {
    if (id > this.#entries.length) this.#readOn();
    const entry = this.#entries[id - 1];
    if (entry !== undefined && entry.kind === kind) return entry;
    const damaged = this.#damage.find(({ firstId, entries }) => id >= firstId && id < firstId + entries);
    if (damaged !== undefined) throw new DamagedFrameError(`dictionary entry ${id} is damaged`, damaged.from);
    throw new DamagedFrameError(`dictionary has no entry ${id} of kind ${kind}`, this.#readTo);
  }

  #readOn(most?: number): void {
    // Pairs with the store in DictionaryWriter.append(): entries before this are whole.
    const used = Math.min(Atomics.load(this.#words, this.#region.usedWord), this.#region.bytes);
    const end = most ?? used;
    while (this.#readTo < end) {
      const at = this.#readTo;
      const id = this.#idAt(at, end);
      if (id === this.#entries.length + 1 && this.#isWhole(at)) this.#take(at, id);
      else if (at < used) this.#skip(this.#entries.length + 1, used);
      else return;
    }
  }

  #take(at: number, id: number): void {
    const word = (this.#region.offset + at) >>> 2;
    const length = this.#words[word + ENTRY_LENGTH_WORD]!;
    const payload = at + ENTRY_HEADER_BYTES;
    this.#entries[id - 1] = { kind: this.#words[word + ENTRY_TAG_WORD]! & 0xff, at: payload, length };
    this.#readTo = (payload + length + 3) & ~3;
  }

  /** From a damaged entry to the next whole one, whose number is higher, or to the end. */
  #skip(id: number, used: number): void {
    const from = this.#readTo;
    for (let at = from + 4; at + ENTRY_HEADER_BYTES <= used; at += 4) {
      const found = this.#idAt(at, used);
      // As many entries as fit in between may be missing, and at least one.
      if (found <= id || found - id > (at - from) / ENTRY_HEADER_BYTES) continue;
      this.#searched += this.#words[((this.#region.offset + at) >>> 2) + ENTRY_LENGTH_WORD]!;
      if (this.#searched > MOST_SEARCHED * this.#region.bytes) break;
      if (!this.#isWhole(at)) continue;
      this.#lose(id, found - id, from, at);
      return;
    }
    const lost = this.#words[this.#region.entriesWord]! - id + 1;
    this.#lose(id, lost >= 0 && lost <= (used - from) / ENTRY_HEADER_BYTES ? lost : 1, from, used);
  }

  #lose(firstId: number, entries: number, from: number, to: number): void {
    this.#damage.push({ firstId, entries, from, to });
    for (let i = 0; i < entries; i++) this.#entries.push(undefined);
    this.#readTo = (to + 3) & ~3;
  }

  /** The number of the entry at `at`, by its header; 0 where none can stand, in front of `end`. */
  #idAt(at: number, end: number): number {
    if (at + ENTRY_HEADER_BYTES > end) return 0;
    const word = (this.#region.offset + at) >>> 2;
    const length = this.#words[word + ENTRY_LENGTH_WORD]!;
    if (length < 0 || length > end - at - ENTRY_HEADER_BYTES) return 0;
    return this.#words[word + ENTRY_TAG_WORD]! >>> 8;
  }

  #isWhole(at: number): boolean {
    const word = (this.#region.offset + at) >>> 2;
    const length = this.#words[word + ENTRY_LENGTH_WORD]!;
    return this.#words[word + ENTRY_CHECK_WORD] === entryCheck(this.#bytes, at, length);
  }
}

function parseConfig(text: string, at: number): LoggerConfigEntry {
  let config: Partial<LoggerConfigEntry>;
  try {
    config = JSON.parse(text) as Partial<LoggerConfigEntry>;
  } catch {
    throw new DamagedFrameError("configuration that does not parse", at);
  }
  const isWhole =
    typeof config === "object" &&
    config !== null &&
    Array.isArray(config.levels) &&
    typeof config.end === "string" &&
    typeof config.nestedOpen === "string" &&
    typeof config.messageKey === "string";
  if (!isWhole) throw new DamagedFrameError("configuration that lacks something", at);
  return config as LoggerConfigEntry;
}
