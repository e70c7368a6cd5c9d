/**
 * The dictionary region of a lane: everything that is said once and then referred to by number. Append-only, in the
 * same memory as the frames, because whoever recovers the frames needs it too.
 *
 *   0          4          8                8 + length
 *   +----------+----------+----------------+-------+
 *   | length   | kind     | payload        | pad 4 |
 *   +----------+----------+----------------+-------+
 *
 * The n-th entry has the id n, counted from 1. The producer writes an entry whole, then raises DICTIONARY_USED, then
 * commits the first frame that uses it: a consumer that sees the frame can read the entry.
 */
export const ENTRY_HEADER_BYTES = 8;

/** UTF-8 text: a constant message, a printf template, bindings. */
export const ENTRY_TEXT = 1;
/** A node of the shape trie: word parent node id (0 = the empty shape), then the key, UTF-8. */
export const ENTRY_SHAPE = 2;
/** What all records of a logger share, as JSON: `LoggerConfigEntry`. */
export const ENTRY_CONFIG = 3;

/** The content of an ENTRY_CONFIG. */
export interface LoggerConfigEntry {
  /** Per level index: its number, its label and the text that opens the line, such as `{"level":30`. */
  readonly levels: readonly { readonly value: number; readonly label: string; readonly open: string }[];
  /** Text in front of the digits of the time, such as `,"time":`; empty: no time in the line. */
  readonly timeOpen: string;
  readonly time: "epoch" | "unix" | "iso" | "none";
  readonly messageKey: string;
  /** The whole text that opens the nested object, or empty. */
  readonly nestedOpen: string;
  /** `}` and the line end. */
  readonly end: string;
  readonly name: string;
}

/** Where a lane keeps its dictionary; plain numbers, so that its reader and writer need to know nothing of rings. */
export interface DictionaryRegion {
  readonly memory: SharedArrayBuffer;
  /** Byte offset and size of the region in the memory. */
  readonly offset: number;
  readonly bytes: number;
  /** Int32 indexes in the memory of the words USED, ENTRIES and EPOCH. */
  readonly usedWord: number;
  readonly entriesWord: number;
  readonly epochWord: number;
}

/** What a consumer knows of a lane's dictionary. */
export interface DictionaryView {
  /** The text of an ENTRY_TEXT. */
  text(id: number): string;
  /** The same as bytes. */
  textBytes(id: number): Uint8Array;
  /** The keys on the way from the root to a node of the shape trie; none for 0. */
  keys(shape: number): readonly string[];
  config(id: number): LoggerConfigEntry;
  /** Changes when the lane's dictionary began anew: everything remembered by id is void. */
  readonly epoch: number;
}
