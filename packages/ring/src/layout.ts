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
 *    640  accepted         float64 per level class, by the producer; UNDURABLE at 760
 *    768  dropped          float64 per reason and level class, by the producer
 *   1024  consumer 0..7    DRAINED, ACTIVE, ACKED, COPIED, ATTEMPT...; 128 bytes each, by that consumer
 *    992  overflow words   WRITTEN by the producer; ACKED, FREED 128 bytes on, by the drain worker
 *   2048  commit slots     256 bytes per sink (8), by the drain worker: see commit-slots.ts
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
/** 1: no mapping, both ends copy the lane to its file. */
export const LANE_IS_COPIED = 6;
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
/** Critical records that could not be made durable. */
export const UNDURABLE = 95;
export const DROPPED_BY_REASON = 96;

export const MAX_CONSUMERS = 8;
/** Int32 index of consumer 0's words; the next consumer's stand CONSUMER_STRIDE words on. */
export const CONSUMERS = 256;
export const CONSUMER_STRIDE = 32;
/** Byte offset of everything the drain writes in a lane's header; it ends with the header. */
export const CONSUMERS_OFFSET = 1024;
export const CONSUMER_DRAINED = 0;
export const CONSUMER_ACTIVE = 1;
/** Space before it is free: no sink needs those frames any more. */
export const CONSUMER_ACKED = 2;
/** Number of the frame at ACKED. The two are one word of 64 bits, stored at once: a death cannot come in between. */
export const CONSUMER_ACKED_SEQ = 3;
/**
 * Of a lane that is mirrored, how much of it the drain has copied to the file, before a sink got any of it: frames up to
 * this position, the number of the frame there, and the dictionary they need. See copied-mark.ts.
 */
export const CONSUMER_COPIED = 4;
export const CONSUMER_COPIED_SEQ = 5;
export const CONSUMER_COPIED_USED = 6;
export const CONSUMER_COPIED_ENTRIES = 7;
export const CONSUMER_COPIED_EPOCH = 8;
export const CONSUMER_COPIED_CHECK = 9;
/** Of consumer 0: which frames were being read or written when it died, and how often that was so. See attempt-words.ts. */
export const CONSUMER_ATTEMPT = 10;
export const CONSUMER_ATTEMPT_FROM = 11;
export const CONSUMER_ATTEMPT_TO = 12;
/** Whose: CONTROL_EPOCH of the engine that was draining. */
export const CONSUMER_ATTEMPT_LIFE = 13;
export const CONSUMER_ATTEMPT_CHECK = 14;

/**
 * Byte offset of the words that the two ends of the lane's overflow share (spill/overflow/layout.ts): the first of them
 * behind the producer's counters, the others in the unused half of consumer 0's words.
 */
export const OVERFLOW_WORDS_OFFSET = 992;
/** Of ACKED, from there. */
export const OVERFLOW_ACKED_OFFSET = 128;

export const COMMIT_SLOTS_OFFSET = 2048;
export const COMMIT_SLOTS_STRIDE = 256;

export function laneBytes(capacity: number): number {
  return FRAMES_OFFSET + capacity;
}

/** Byte offset of a lane in the memory. */
export function laneOffset(index: number, capacity: number): number {
  return CONTROL_BYTES + index * laneBytes(capacity);
}
