import { dirname } from "node:path";
import type { NotePlace, RingFile, RingGroup } from "@spillway/core";
import {
  adoptLanes,
  LANE_CAPACITY,
  LANE_EPOCH,
  LANE_MAGIC,
  LANE_MAGIC_VALUE,
  LANE_VERSION,
  LANE_VERSION_VALUE,
  laneBytes,
} from "@spillway/ring";
import { type RingOwner, readRingFile } from "@spillway/spill";

/** The lanes of a dead process, in memory of this one. */
export interface AdoptedLanes {
  readonly memory: SharedArrayBuffer;
  readonly owner: RingOwner;
  readonly files: readonly RingFile[];
  /** Where a drain of them notes how far it has come. */
  readonly place: NonNullable<NotePlace>;
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
      place: {
        place: {
          folder: dirname(first.file.path),
          base: group.base,
          pid: group.pid,
          epoch: first.owner.epoch,
        },
        files: sound.map(({ file }) => file),
        lanes: sound.map(({ owner }) => owner.lane),
      },
    },
    damaged,
  };
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
    return { bytes, owner };
  } catch {
    return undefined;
  }
}
