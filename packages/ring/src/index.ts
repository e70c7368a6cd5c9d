export {
  ATTEMPT_ALONE,
  ATTEMPT_IN_DOUBT,
  ATTEMPT_OVERFLOW,
  ATTEMPT_READING,
  ATTEMPT_UNDER_WAY,
  type Attempt,
  AttemptWords,
} from "./attempt-words.ts";
export { type Commit, CommitSlots } from "./commit-slots.ts";
export { Consumer, type FrameHandler, type Gap, type GapHandler } from "./consumer.ts";
export { type CopiedMark, CopiedWords } from "./copied-mark.ts";
export { LaneCounters } from "./counters.ts";
export { LaneTable } from "./lanes.ts";
export * from "./layout.ts";
export { adoptLanes, laneCapacity, laneCount, type MemoryShape, makeMemory } from "./memory.ts";
export { advance, distance, isBefore } from "./position.ts";
export { FULL, Producer } from "./producer.ts";
export { dictionaryRegion } from "./region.ts";
export { countFrames, type LaneDamage, surveyLane } from "./survey.ts";
