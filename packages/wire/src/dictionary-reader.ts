import {
  DamagedFrameError,
  type DictionaryRegion,
  type DictionaryView,
  ENTRY_CONFIG,
  ENTRY_HEADER_BYTES,
  ENTRY_SHAPE,
  ENTRY_TEXT,
  type LoggerConfigEntry,
} from "@spillway/core";

interface Entry {
  readonly kind: number;
  readonly at: number;
  readonly length: number;
}

const NO_KEYS: readonly string[] = [];

/** Reads a lane's dictionary, entry by entry, as frames refer to them. Decoded forms are kept. */
export class DictionaryReader implements DictionaryView {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #region: DictionaryRegion;
  #epoch: number;
  #entries: Entry[] = [];
  #readTo = 0;
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

  #entry(id: number, kind: number): Entry {
    if (id > this.#entries.length) this.#readOn();
    const entry = this.#entries[id - 1];
    if (entry === undefined || entry.kind !== kind) {
      throw new DamagedFrameError(`dictionary has no entry ${id} of kind ${kind}`, this.#readTo);
    }
    return entry;
  }

  #readOn(): void {
    // Pairs with the store in DictionaryWriter.append(): entries before this are whole.
    const used = Math.min(Atomics.load(this.#words, this.#region.usedWord), this.#region.bytes);
    while (this.#readTo < used) {
      const word = (this.#region.offset + this.#readTo) >>> 2;
      const length = this.#words[word]!;
      const at = this.#readTo + ENTRY_HEADER_BYTES;
      if (length < 0 || at + length > used)
        throw new DamagedFrameError(`dictionary entry of ${length} bytes`, this.#readTo);
      this.#entries.push({ kind: this.#words[word + 1]!, at, length });
      this.#readTo = (at + length + 3) & ~3;
    }
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
