import { writeSync } from "node:fs";
import {
  CONTROL_BYTES,
  LANE_FILES,
  LANE_IS_REPLAYED,
  LANE_OWNER_STRIDE,
  type RingFile,
  type RingGroup,
} from "@spillway/core";
import {
  adoptLanes,
  COMMITTED,
  CONSUMER_DICTIONARY_EPOCH,
  CONSUMER_DICTIONARY_USED,
  CONSUMER_DRAINED,
  CONSUMERS,
  CONSUMERS_OFFSET,
  DICTIONARY_EPOCH,
  DICTIONARY_USED,
  distance,
  LANE_CAPACITY,
  LANE_EPOCH,
  LANE_MAGIC,
  LANE_MAGIC_VALUE,
  LANE_VERSION,
  LANE_VERSION_VALUE,
  laneBytes,
  laneCapacity,
  laneOffset,
} from "@spillway/ring";
import { type RingOwner, readRingFile } from "@spillway/spill";

/** The lanes of a dead process, in memory of this one. */
export interface AdoptedLanes {
  readonly memory: SharedArrayBuffer;
  readonly owner: RingOwner;
  readonly files: readonly RingFile[];
}

export interface Adoption {
  /** Undefined: none of the files is a ring file any more. */
  readonly lanes: AdoptedLanes | undefined;
  /** Files that are damaged beyond use. */
  readonly damaged: readonly RingFile[];
}

/** Reads what a dead process left. Does not throw: a file that cannot be read counts as damaged. */
export function adopt(group: RingGroup): Adoption {
  const read = group.files.map((file) => ({ file, lane: laneOf(file) }));
  const capacity = read.find(({ lane }) => lane !== undefined)?.lane?.owner.capacity;
  const sound = read.flatMap(({ file, lane }) =>
    lane?.owner.capacity === capacity && lane ? [{ file, ...lane }] : [],
  );
  const damaged = read.filter(({ file }) => !sound.some((one) => one.file === file)).map(({ file }) => file);
  const [first] = sound;
  if (first === undefined) return { lanes: undefined, damaged };
  const images = sound.map(({ bytes }) => bytes);
  return {
    lanes: {
      memory: adoptLanes(images, first.owner.capacity),
      owner: first.owner,
      files: sound.map(({ file }) => file),
    },
    damaged,
  };
}

/**
 * From now on, whatever a drain notes in these lanes is noted in their files too; first of all where they end. Throws
 * what the file system says.
 */
export function noteInFiles({ memory, files }: AdoptedLanes): void {
  const control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  for (const [lane, { fd }] of files.entries()) {
    writeSync(fd, new Uint8Array(memory, laneOffset(lane, laneCapacity(memory)), CONSUMERS_OFFSET), 0, undefined, 0);
    control[LANE_FILES + lane * LANE_OWNER_STRIDE] = LANE_IS_REPLAYED;
  }
}

function laneOf(file: RingFile): { bytes: Buffer; owner: RingOwner } | undefined {
  try {
    const { bytes, owner } = readRingFile(file);
    if (owner === undefined || bytes.length < laneBytes(owner.capacity)) return undefined;
    if (bytes.readInt32LE(LANE_VERSION * 4) !== LANE_VERSION_VALUE) return undefined;
    // The owner page has a checksum; these words of the lane have none, and say the same.
    bytes.writeInt32LE(LANE_MAGIC_VALUE, LANE_MAGIC * 4);
    bytes.writeInt32LE(owner.capacity, LANE_CAPACITY * 4);
    bytes.writeInt32LE(owner.epoch, LANE_EPOCH * 4);
    catchUp(bytes, owner.capacity);
    return { bytes, owner };
  } catch {
    return undefined;
  }
}

/**
 * Of a lane that was mirrored, the drain may have copied more than its producer, which copies when its turn is over: then
 * the frames before DRAINED are there, and what the producer's words say is older. A mapped lane is never so.
 */
function catchUp(bytes: Buffer, capacity: number): void {
  const word = (index: number): number => bytes.readInt32LE(index * 4);
  const drained = word(CONSUMERS + CONSUMER_DRAINED);
  // Not behind, then: it may be many laps ahead of a turn that lasts.
  if (distance(drained >>> 0, word(COMMITTED) >>> 0) <= capacity) return;
  bytes.writeInt32LE(drained, COMMITTED * 4);
  const epoch = word(CONSUMERS + CONSUMER_DICTIONARY_EPOCH);
  const used = word(CONSUMERS + CONSUMER_DICTIONARY_USED);
  if (epoch === word(DICTIONARY_EPOCH) && used <= word(DICTIONARY_USED)) return;
  bytes.writeInt32LE(epoch, DICTIONARY_EPOCH * 4);
  bytes.writeInt32LE(used, DICTIONARY_USED * 4);
}
