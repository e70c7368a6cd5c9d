import type { SinkSpec } from "./sink.ts";

/**
 * The control page: the first 64 KiB of an engine's shared memory, the words both sides of the thread boundary share.
 * Int32 indexes unless said otherwise; words that different threads write stand 128 bytes (32 words) apart.
 *
 *   page 0                64 KiB                       64 KiB + laneBytes
 *   +---------------------+----------------------------+------------------- ...
 *   | control page        | lane 0 (see ring/layout)   | lane 1
 *   +---------------------+----------------------------+------------------- ...
 */
export const CONTROL_BYTES = 65_536;

/** Set once by whoever makes the memory. */
export const CONTROL_MAGIC = 0;
export const CONTROL_VERSION = 1;
export const CONTROL_LANES = 2;
export const CONTROL_LANE_BYTES = 3;
export const CONTROL_EPOCH = 4;
/** 1: a file can be mapped over the lanes, because they are WebAssembly memory. */
export const CONTROL_MAPPABLE = 5;
export const MAGIC_VALUE = 0x4c50_5331;
export const VERSION_VALUE = 1;

/**
 * Who drains: `(token << 1) | writing`. A drain worker's token is its thread id, ROLE_CALLER is the thread that made
 * the engine. Taken by compareExchange from 0. The low bit is set from the first byte of a write to the commit slot
 * that records it: nobody may take the role over while it is set, because the write may still land.
 */
export const ROLE = 32;
export const ROLE_CALLER = 0x3fff_ffff;

/** 1 while the drain worker waits for WAKE to change, and looks by itself a few times a second: only then does a producer notify. */
export const PARKED = 64;
/** Raised by whoever wakes the worker; the worker waits on it. */
export const WAKE = 96;
/** Raised by the worker in every turn of its loop. */
export const HEARTBEAT = 128;
/** What the host asks of the worker. */
export const COMMAND = 160;
export const COMMAND_RUN = 0;
/** Drain everything that is committed, flush the sinks, give the role back, store STOPPED. */
export const COMMAND_STOP = 1;
/** 1 when the worker has done what COMMAND_STOP asks. */
export const STOPPED = 192;
/** Raised after every ack; flush() and blocked producers wait on it. */
export const ACKS = 224;
/** How many threads wait on ACKS: the worker notifies only when it is not 0. */
export const ACK_WAITERS = 256;
/** How many drain workers have died and were replaced. */
export const RESPAWNS = 288;
/** 1 after shutdown(): calls count as dropped `closed`. */
export const ENGINE_CLOSED = 320;

/** Kernel thread id of the drain worker, where there is a /proc to ask; 0: unknown. Tells a dead holder of ROLE from a slow one. */
export const DRAIN_TID = 352;

/**
 * 1 while the drain worker refreshes CLOCK about every millisecond; 0 while it is parked, in a write or dead: then
 * nobody may trust CLOCK.
 */
export const CLOCK_FRESH = 384;
/** Float64 index: milliseconds since 1970 as the drain worker read them last. Never ahead of the real clock. */
export const CLOCK = 208;

/** 1 when what dead processes left has been replayed, or given up: whoever took the files may close them. */
export const RECOVERED = 1568;

/** How many ring files were deleted, replaced or truncated, and made anew. */
export const RING_FILES_REMADE = 480;

/** 1 when it has been told that all lanes are taken. */
export const CROWD_TOLD = 448;

/** Threshold of each level slot, LEVEL_SLOTS words from here. Slot 0 belongs to the first root logger. */
export const LEVELS = 512;
export const LEVEL_SLOTS = 1024;
/** How many slots are taken. */
export const LEVELS_USED = 1536;

/** Owner of each lane: 0 free, otherwise thread id + 1. One word per lane, 32 words apart. */
export const LANE_OWNERS = 2048;
export const LANE_OWNER_STRIDE = 32;
/**
 * Beside each owner: how the lane is kept; written by the thread that claims it first. No descriptor: one that a thread
 * has opened is closed with the thread, and its number then belongs to somebody else.
 */
export const LANE_FILES = 2049;
/** Not kept: what is in the lane is lost with the process. */
export const LANE_UNKEPT = 0;
/** A file is mapped over the lane. */
export const LANE_MAPPED = 1;
/** The lane is copied to a file, by its producer (host/tick-mirror.ts) and by the drain (drain/lane-notes.ts). */
export const LANE_MIRRORED = 2;
/** Beside it: raised when the lane's file has been made anew, because something had become of the one before. */
export const LANE_FILE_LIVES = 2050;
/** Beside it, a float64 index, LANE_INODE_STRIDE apart: what tells the lane's file from another of its name. */
export const LANE_INODES = 1026;
export const LANE_INODE_STRIDE: number = LANE_OWNER_STRIDE / 2;
export const MAX_LANES = 256;

/** Float64 indexes: counters of the worker per sink, SINK_COUNTERS values each. Bytes 49152 and up. */
export const SINK_COUNTER_BASE = 6144;
export const SINK_COUNTERS = 16;
export const SINK_WRITES = 0;
export const SINK_BYTES = 1;
export const SINK_ERRORS = 2;
export const SINK_QUARANTINED = 4;
export const SINK_UNCERTAIN = 5;
export const MAX_SINKS = 8;

/** What the host hands to the drain worker as workerData (through piscina or a plain Worker). */
export interface DrainStart {
  readonly memory: SharedArrayBuffer;
  readonly sinks: readonly NamedSinkSpec[];
  /** See EngineOptions. */
  readonly parkAfterMs: number;
  /** What is replayed before anything else is drained. */
  readonly recover: readonly RingGroup[];
  /** Where the drain notes how far it has come, for lanes that are not mapped. */
  readonly notes: NotePlace;
  /** Where the write-ahead logs of critical records begin their names: those of the dead are recovered too. */
  readonly walStem?: string | undefined;
}

/** What the names of an engine's files are made of. */
export interface RingPlace {
  readonly folder: string;
  readonly base: string;
  readonly pid: number;
  readonly epoch: number;
}

/**
 * The files of an engine's own lanes; or the files of lanes that are replayed, with the number each lane had; or
 * nothing. A thread that writes to a file opens it itself: Node closes what a thread has opened when that thread ends.
 */
export type NotePlace =
  | { readonly place: RingPlace }
  | { readonly place: RingPlace; readonly files: readonly RingFile[]; readonly lanes: readonly number[] }
  | undefined;

/** A ring file, open and locked: by the thread that took it, which alone may close it. */
export interface RingFile {
  readonly fd: number;
  readonly path: string;
}

/** The ring files one dead process left of one engine. Plain data: it crosses to the thread that replays it. */
export interface RingGroup {
  readonly base: string;
  readonly pid: number;
  /** Eight hexadecimal digits. */
  readonly epoch: string;
  /** By lane. */
  readonly files: readonly RingFile[];
  /** Where there is no flock: the file that says who recovers them. */
  readonly claim?: string;
}

/** Something in a ring file that is not as it was written. */
export interface RingDamage {
  readonly path: string;
  /** Bytes of the file. */
  readonly from: number;
  readonly to: number;
  readonly what: string;
  /** Frames that are missing because of it. */
  readonly missing: number;
}

export interface NamedSinkSpec {
  readonly name: string;
  readonly spec: SinkSpec;
}
