import { CONTROL_BYTES, LEVEL_SLOTS, LEVELS, LEVELS_USED } from "@spillway/core";

/**
 * A threshold in the control page: whoever changes it, on whatever thread, changes it for the next call of every logger
 * that shares it. `words[index]` is read in front of every call.
 */
export interface LevelSlot {
  readonly words: Int32Array;
  readonly index: number;
}

/** A slot of one's own; when all are taken, a plain word that only this logger sees. */
export function takeLevelSlot(memory: SharedArrayBuffer, threshold: number): LevelSlot {
  const words = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  const used = Atomics.add(words, LEVELS_USED, 1);
  if (used >= LEVEL_SLOTS) {
    Atomics.sub(words, LEVELS_USED, 1);
    return { words: Int32Array.of(threshold), index: 0 };
  }
  const index = LEVELS + used;
  Atomics.store(words, index, threshold);
  return { words, index };
}
