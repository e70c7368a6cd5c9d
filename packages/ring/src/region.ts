import type { DictionaryRegion } from "@spillway/core";
import {
  DICTIONARY_BYTES,
  DICTIONARY_ENTRIES,
  DICTIONARY_EPOCH,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  laneOffset,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";

/** Where a lane's dictionary lives. */
export function dictionaryRegion(memory: SharedArrayBuffer, laneIndex: number): DictionaryRegion {
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
