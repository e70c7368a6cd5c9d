import {
  DICTIONARY_BYTES,
  DICTIONARY_ENTRIES,
  DICTIONARY_EPOCH,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  laneOffset,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";

/** Where a lane's dictionary lives, in the plain numbers that its reader and writer want. */
export interface LaneDictionaryRegion {
  readonly memory: SharedArrayBuffer;
  readonly offset: number;
  readonly bytes: number;
  readonly usedWord: number;
  readonly entriesWord: number;
  readonly epochWord: number;
}

export function dictionaryRegion(memory: SharedArrayBuffer, laneIndex: number): LaneDictionaryRegion {
  const lane = laneOffset(laneIndex, laneCapacity(memory));
  return {
    memory,
    offset: lane + DICTIONARY_OFFSET,
    bytes: DICTIONARY_BYTES,
    usedWord: (lane >>> 2) + DICTIONARY_USED,
    entriesWord: (lane >>> 2) + DICTIONARY_ENTRIES,
    epochWord: (lane >>> 2) + DICTIONARY_EPOCH,
  };
}
