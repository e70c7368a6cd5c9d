import { crc32c } from "./crc32c.ts";

/**
 * The dictionary region of a lane: everything that is said once and then referred to by number. Append-only, in the
 * same memory as the frames, because whoever recovers the frames needs it too.
 *
 *   0          4               8          12               12 + length
 *   +----------+---------------+----------+----------------+-------+
 *   | length   | kind | number | check    | payload        | pad 4 |
 *   +----------+---------------+----------+----------------+-------+
 *                0-7    8-31
 *
 * The n-th entry has the id n, counted from 1, and carries it, so that the entries behind a damaged one keep theirs. The
 * check is a CRC32C of length, kind and number, and payload: a flipped bit here would change every record that refers to
 * the entry. The producer writes an entry whole, then raises DICTIONARY_USED, then commits the first frame that uses it:
 * a consumer that sees the frame can read the entry.
 *
 * The specification is docs/formats/wire.md.
 */
export const ENTRY_HEADER_BYTES = 12;

/** Word offsets (Int32) inside the header. */
export const ENTRY_LENGTH_WORD = 0;
export const ENTRY_TAG_WORD = 1;
export const ENTRY_CHECK_WORD = 2;

/** UTF-8 text: a constant message, a printf template, bindings. */
export const ENTRY_TEXT = 1;
/** A node of the shape trie: word parent node id (0 = the empty shape), then the key, UTF-8. */
export const ENTRY_SHAPE = 2;
/** What all records of a logger share, as JSON: `LoggerConfigEntry`. */
export const ENTRY_CONFIG = 3;

/** More than any dictionary can have. */
export const MAX_ENTRIES: number = 2 ** 24 - 1;

export function entryTag(kind: number, id: number): number {
  return kind | (id << 8);
}

/** The check of the entry whose header stands at byte `at` of `bytes`. */
export function entryCheck(bytes: Uint8Array, at: number, length: number): number {
  const payload = at + ENTRY_HEADER_BYTES;
  return crc32c(bytes, payload, payload + length, crc32c(bytes, at, at + 4 * ENTRY_CHECK_WORD)) | 0;
}

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
