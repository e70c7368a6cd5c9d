/**
 * The payload of a FRAME_CRITICAL: what a write-ahead log holds of a critical record. The line is that which the sinks
 * get, so an entry can be read without the ring; the words in front of it say where in the ring the record is, so that
 * recovery knows whether the ring has it.
 *
 *   0         4         8          12        16
 *   +---------+---------+----------+---------+--------------------------------+
 *   | epoch   | lane    | position | seq     | the line, UTF-8, with its end  |
 *   +---------+---------+----------+---------+--------------------------------+
 *
 * Little-endian words. `position` and `seq` are those of the record's frame in the ring; with BEYOND_RING in the flags of
 * the tag it is in the lane's overflow files instead, `position` is 0 and `seq` its number there. The tag's level index is
 * the record's. The specification is docs/formats/wal.md.
 */
export const ENTRY_LINE = 16;
/** Flag of the tag. */
export const BEYOND_RING = 1;

/** Where the engine has the record of an entry. */
export interface EntryPlace {
  readonly epoch: number;
  readonly lane: number;
  readonly position: number;
  readonly seq: number;
}

/** `into`: as long as the line and ENTRY_LINE bytes. */
export function putCriticalEntry(into: Uint8Array, place: EntryPlace, line: Uint8Array): void {
  const words = new DataView(into.buffer, into.byteOffset, ENTRY_LINE);
  words.setInt32(0, place.epoch, true);
  words.setInt32(4, place.lane, true);
  words.setUint32(8, place.position, true);
  words.setUint32(12, place.seq >>> 0, true);
  into.set(line, ENTRY_LINE);
}

/** Undefined: it is too short to be one. */
export function criticalEntryPlace(payload: Uint8Array): EntryPlace | undefined {
  if (payload.length < ENTRY_LINE) return undefined;
  const words = new DataView(payload.buffer, payload.byteOffset, ENTRY_LINE);
  return {
    epoch: words.getInt32(0, true),
    lane: words.getInt32(4, true),
    position: words.getUint32(8, true),
    seq: words.getUint32(12, true),
  };
}
