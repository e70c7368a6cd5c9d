import { CONTROL_BYTES } from "@spillway/core";

/**
 * Where everything lives in a lane: the part of an engine's memory that one producing thread owns.
 *
 *   0            4 KiB                     1 MiB                     1 MiB + capacity
 *   +------------+-------------------------+-------------------------+
 *   | header     | dictionary              | frames                  |
 *   +------------+-------------------------+-------------------------+
 *
 * The header, in bytes. Whoever writes a part has its cache lines to itself; parts that different threads write stand
 * at least 128 bytes apart, two lines, because some CPUs fetch the neighbour along.
 *
 *      0  identity         written once by whoever makes the memory
 *    512  producer         COMMITTED, SEQ, and the dictionary's fill
 *    640  accepted         float64 per level class, by the producer
 *    768  dropped          float64 per reason and level class, by the producer
 *   1024  consumer 0..7    DRAINED, ACKED, ACTIVE; 128 bytes each, by that consumer
 *   2048  commit slots     192 bytes per sink (8), by the drain worker: see commit-slots.ts
 *
 * The specification is docs/formats/ring.md.
 */
export const LANE_HEADER_BYTES = 4096;
export const DICTIONARY_OFFSET: number = LANE_HEADER_BYTES;
export const DICTIONARY_BYTES: number = 1024 * 1024 - LANE_HEADER_BYTES;
export const FRAMES_OFFSET: number = 1024 * 1024;

/** Int32 indexes inside a lane. */
export const LANE_MAGIC = 0;
export const LANE_VERSION = 1;
export const LANE_CAPACITY = 2;
export const LANE_EPOCH = 3;
export const LANE_INDEX = 4;
export const LANE_PID = 5;
/** Of the self-test of a mapping; 0 otherwise. */
export const LANE_NONCE = 126;
export const LANE_MAGIC_VALUE = 0x4c_50_53_4c;
export const LANE_VERSION_VALUE = 1;

/** Everything before this position is whole. */
export const COMMITTED = 128;
/** `seq` of the next frame; what a new owner of the lane goes on with. */
export const SEQ = 129;
/** Bytes used in the dictionary region. */
export const DICTIONARY_USED = 130;
/** Entries in it. */
export const DICTIONARY_ENTRIES = 131;
/** Raised when a new owner begins the dictionary anew: consumers forget what they have read. */
export const DICTIONARY_EPOCH = 132;

/** Float64 indexes inside a lane. */
export const ACCEPTED_BY_CLASS = 80;
export const DROPPED_BY_REASON = 96;

export const MAX_CONSUMERS = 8;
/** Int32 index of consumer 0's words; the next consumer's stand CONSUMER_STRIDE words on. */
export const CONSUMERS = 256;
export const CONSUMER_STRIDE = 32;
/** Byte offset of everything the drain writes in a lane's header; it ends with the header. */
export const CONSUMERS_OFFSET = 1024;
export const CONSUMER_DRAINED = 0;
/** Space before it is free: no sink needs those frames any more. */
export const CONSUMER_ACKED = 1;
export const CONSUMER_ACTIVE = 2;
/** Of a lane that is mirrored: how much of which dictionary the drain has copied, for the frames before DRAINED. */
export const CONSUMER_DICTIONARY_USED = 3;
export const CONSUMER_DICTIONARY_EPOCH = 4;

export const COMMIT_SLOTS_OFFSET = 2048;
export const COMMIT_SLOTS_STRIDE = 192;

export function laneBytes(capacity: number): number {
  return FRAMES_OFFSET + capacity;
}

/** Byte offset of a lane in the memory. */
export function laneOffset(index: number, capacity: number): number {
  return CONTROL_BYTES + index * laneBytes(capacity);
}
