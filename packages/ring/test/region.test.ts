import { expect, test } from "vitest";
import {
  DICTIONARY_BYTES,
  DICTIONARY_ENTRIES,
  DICTIONARY_EPOCH,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  dictionaryRegion,
  laneOffset,
} from "../src/index.ts";
import { CAPACITY, memoryOf } from "./lane-under-test.ts";

test("region: names the dictionary of its own lane, in bytes and words of the memory", () => {
  const memory = memoryOf({ lanes: 2 });
  const lane = laneOffset(1, CAPACITY);
  expect(dictionaryRegion(memory, 1)).toEqual({
    memory,
    offset: lane + DICTIONARY_OFFSET,
    bytes: DICTIONARY_BYTES,
    usedWord: lane / 4 + DICTIONARY_USED,
    entriesWord: lane / 4 + DICTIONARY_ENTRIES,
    epochWord: lane / 4 + DICTIONARY_EPOCH,
  });
});
