/**
 * The payload of a FRAME_RECORD: what one log call carries, as words. Written by wire/encode.ts, read by
 * format/json-line.ts. Specification: docs/formats/wire.md.
 *
 *   0               8         12         16        20
 *   +---------------+---------+----------+---------+-----------------+-----------+--------------+
 *   | time, float64 | config  | bindings | shape   | values of shape | message   | printf args  |
 *   | ms since 1970 | text id | text id  | node id | [extra pairs]   | one value |              |
 *   +---------------+---------+----------+---------+-----------------+-----------+--------------+
 *
 * Every value starts with a word: its tag in bits 0-7, 24 bits that belong to it above. Everything is padded to 4
 * bytes. Ids are entries of the lane's dictionary (1 and up; 0 = none).
 *
 * - `config`: the dictionary entry with the logger's level texts, keys and prefix.
 * - `bindings`: the dictionary entry with the bindings' text; 0 with BINDINGS_INLINE in the shape word: the text
 *   stands as one value in front of the fields.
 * - `shape`: bits 0-23 the node of the shape trie, which stands for the keys from the root to it.
 */
export const RECORD_TIME = 0;
export const RECORD_CONFIG = 8;
export const RECORD_BINDINGS = 12;
export const RECORD_SHAPE = 16;
export const RECORD_HEAD_BYTES = 20;

export const SHAPE_ID_MASK = 0xff_ffff;
/** The values of the shape are followed by a word n and n pairs of key (a string value) and value. */
export const SHAPE_EXTRAS = 0x100_0000;
/** Only in a record's own shape word: the text of the bindings is the first value. */
export const BINDINGS_INLINE = 0x200_0000;

/** Values of one word. */
export const TAG_UNDEFINED = 0;
export const TAG_NULL = 1;
export const TAG_FALSE = 2;
export const TAG_TRUE = 3;
/** Signed integer in bits 8-31. */
export const TAG_INT24 = 4;
/** A dictionary text, id in bits 8-31. */
export const TAG_TEXT = 5;
/** The next word is a signed integer. */
export const TAG_INT32 = 6;
/** The next two words are a float64, little-endian, not necessarily aligned to 8. */
export const TAG_FLOAT64 = 7;
/** UTF-8 that needs no JSON escape; length in bytes in bits 8-31, like the next three. */
export const TAG_PLAIN = 8;
/** ASCII bytes, escapes possible. */
export const TAG_ASCII = 9;
/** UTF-8. */
export const TAG_UTF8 = 10;
/** UTF-8 that is already JSON text. */
export const TAG_JSON = 11;
/** The same three, too long for 24 bits: the next word is the length. */
export const TAG_LONG_ASCII = 12;
export const TAG_LONG_UTF8 = 13;
export const TAG_LONG_JSON = 14;
/** An object: shape word, values as in a record. */
export const TAG_OBJECT = 15;
/** An array: element count in bits 8-31, then the elements. */
export const TAG_ARRAY = 16;
/** A printf template: dictionary text id in bits 8-31; a word with the argument count and the arguments follow. */
export const TAG_TEMPLATE = 17;

export const MAX_INT24 = 0x7f_ffff;
export const MIN_INT24 = -0x80_0000;
export const MAX_SHORT_LENGTH = 0xff_ffff;
