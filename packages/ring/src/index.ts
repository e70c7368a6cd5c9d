export { type Commit, CommitSlots } from "./commit-slots.ts";
export { Consumer, type FrameHandler, type Gap, type GapHandler } from "./consumer.ts";
export { LaneCounters } from "./counters.ts";
export { LaneTable } from "./lanes.ts";
export * from "./layout.ts";
export { adoptLanes, laneCapacity, laneCount, type MemoryShape, makeMemory } from "./memory.ts";
export { advance, distance, isBefore } from "./position.ts";
export { FULL, Producer } from "./producer.ts";
export { dictionaryRegion } from "./region.ts";
