import { basename, dirname } from "node:path";
import {
  MAX_RING_BYTES,
  MIN_RING_BYTES,
  type NotePlace,
  type RingDamage,
  type RingFile,
  type RingGroup,
} from "@spillway/core";
import {
  adoptLanes,
  countFrames,
  DICTIONARY_ENTRIES,
  DICTIONARY_OFFSET,
  DICTIONARY_USED,
  dictionaryRegion,
  FRAMES_OFFSET,
  LANE_CAPACITY,
  LANE_EPOCH,
  LANE_INDEX,
  LANE_MAGIC,
  LANE_MAGIC_VALUE,
  LANE_PID,
  LANE_VERSION,
  LANE_VERSION_VALUE,
  type LaneDamage,
  laneBytes,
  surveyLane,
} from "@spillway/ring";
import { type OwnerPage, parseRingName, type RingOwner, readRingFile } from "@spillway/spill";
import { DictionaryReader } from "@spillway/wire";

/** The lanes of a dead process, in memory of this one. */
export interface AdoptedLanes {
  readonly memory: SharedArrayBuffer;
  /** Undefined: none of the files says where its records were meant to go. */
  readonly owner: RingOwner | undefined;
  /** By lane in the memory. */
  readonly files: readonly RingFile[];
  /** Where a drain of them notes how far it has come, and finds what did not fit into the rings. */
  readonly place: NonNullable<NotePlace>;
  readonly damage: readonly RingDamage[];
}

export interface Adoption {
  /** Undefined: nothing can be read from any of the files. */
  readonly lanes: AdoptedLanes | undefined;
  /** Files in which nothing can be found. */
  readonly unusable: readonly RingFile[];
  /** Files of a later version, which are to be left alone. */
  readonly later: readonly RingFile[];
}

export interface ReadFile {
  readonly file: RingFile;
  readonly bytes: Buffer;
  readonly page: OwnerPage;
}

/** A lane of a file, and what in its file was not as it should be. */
interface Image {
  readonly file: RingFile;
  readonly bytes: Buffer;
  readonly capacity: number;
  readonly owner: RingOwner | undefined;
  /** Its number among the lanes of its engine. */
  readonly lane: number;
  readonly damage: LaneDamage[];
}

/**
 * Reads what a dead process left, corrects in memory what can be told from the rest, and says what was damaged. Does not
 * throw: a file that cannot be read is one in which nothing can be found.
 */
export function adopt(group: RingGroup): Adoption {
  return adoptRead(group, group.files.map(readOrNothing));
}

/** The same of bytes that have been read; they are written to. `makeMemory`: where the lanes are put. */
export function adoptRead(
  group: Pick<RingGroup, "base" | "pid" | "epoch">,
  read: readonly ReadFile[],
  makeMemory: typeof adoptLanes = adoptLanes,
): Adoption {
  const later = read.filter(isLater);
  const ours = read.filter((one) => !later.includes(one));
  const owners = ours.map((one) => ownerOf(one, group));
  const sibling = owners.find((owner) => owner !== undefined);
  const images = ours.map((one, index) => imageOf(one, owners[index], sibling, group));
  const first = images.find((image) => image?.owner !== undefined) ?? images.find((image) => image !== undefined);
  const sound = images.filter((image) => image !== undefined && image.capacity === first?.capacity) as Image[];
  const unusable = ours.map(({ file }) => file).filter((file) => !sound.some((image) => image.file === file));
  const files = later.map(({ file }) => file);
  if (first === undefined) return { lanes: undefined, unusable, later: files };
  const memory = makeMemory(
    sound.map(({ bytes }) => bytes),
    first.capacity,
  );
  const damage = sound.flatMap((image, lane) =>
    [...image.damage, ...surveyLane(memory, lane), ...surveyDictionary(memory, lane)].map((one) => ({
      path: image.file.path,
      ...one,
    })),
  );
  return {
    lanes: { memory, owner: first.owner, files: sound.map(({ file }) => file), place: placeOf(sound, group), damage },
    unusable,
    later: files,
  };
}

function placeOf(sound: readonly Image[], group: Pick<RingGroup, "base" | "pid" | "epoch">): NonNullable<NotePlace> {
  const [{ file, owner }] = sound as [Image];
  const { base, pid } = group;
  return {
    place: { folder: dirname(file.path), base, pid, epoch: owner?.epoch ?? epochInName(group) ?? 0 },
    files: sound.map((image) => image.file),
    lanes: sound.map(({ lane }) => lane),
  };
}

function readOrNothing(file: RingFile): ReadFile {
  try {
    return { file, ...readRingFile(file) };
  } catch {
    return { file, bytes: Buffer.alloc(0), page: { owner: undefined, at: -1, laterVersion: undefined } };
  }
}

function wordOf(bytes: Buffer, word: number): number {
  return bytes.length >= word * 4 + 4 ? bytes.readInt32LE(word * 4) : 0;
}

/** Lane and owner page are raised together: one of them alone that claims another version is damaged. */
function isLater({ bytes, page }: ReadFile): boolean {
  const version = wordOf(bytes, LANE_VERSION);
  if (page.owner !== undefined || version <= LANE_VERSION_VALUE) return false;
  if (page.laterVersion !== undefined) return page.laterVersion === version;
  // The page may stand elsewhere in a later version; where frames of ours are found it is ours.
  const capacity = wordOf(bytes, LANE_CAPACITY);
  return (
    wordOf(bytes, LANE_MAGIC) === LANE_MAGIC_VALUE &&
    !(isCapacity(capacity) && countFrames(bytes, capacity, wordOf(bytes, LANE_EPOCH)) > 0)
  );
}

/**
 * The owner a file names, if the page is this file's: it stands behind a lane of the size it names, and its epoch is the
 * lane's, or the one in the file's name. What a record says could look like a page; it would not know the epoch.
 */
function ownerOf({ bytes, page }: ReadFile, group: Pick<RingGroup, "epoch">): RingOwner | undefined {
  const { owner, at } = page;
  if (owner === undefined || !isCapacity(owner.capacity) || at !== laneBytes(owner.capacity)) return undefined;
  if (!Array.isArray(owner.sinks) || !Number.isInteger(owner.epoch)) return undefined;
  const isTheirs = wordOf(bytes, LANE_EPOCH) === (owner.epoch | 0) || epochInName(group) === (owner.epoch | 0);
  return isTheirs ? owner : undefined;
}

function imageOf(
  { file, bytes, page }: ReadFile,
  own: RingOwner | undefined,
  sibling: RingOwner | undefined,
  group: Pick<RingGroup, "epoch">,
): Image | undefined {
  const epochs = [...new Set([own?.epoch, sibling?.epoch, wordOf(bytes, LANE_EPOCH), epochInName(group)])].flatMap(
    (epoch) => (epoch === undefined ? [] : [epoch | 0]),
  );
  const capacity = own?.capacity ?? capacityOf(bytes, sibling);
  if (capacity === undefined) return undefined;
  let epoch = own === undefined ? undefined : own.epoch | 0;
  if (epoch === undefined) {
    let most = 0;
    for (const candidate of epochs) {
      const frames = countFrames(bytes, capacity, candidate);
      if (frames <= most) continue;
      most = frames;
      epoch = candidate;
    }
    // Without an owner and without a frame it may be anything.
    if (epoch === undefined) return undefined;
  }
  const owner = own ?? (sibling !== undefined && (sibling.epoch | 0) === epoch ? sibling : undefined);
  const damage: LaneDamage[] = [];
  const tell = (from: number, to: number, what: string): void => {
    damage.push({ from, to, what, missing: 0 });
  };
  const expected: readonly (readonly [number, string, number])[] = [
    [LANE_MAGIC, "LANE_MAGIC", LANE_MAGIC_VALUE],
    [LANE_VERSION, "LANE_VERSION", LANE_VERSION_VALUE],
    [LANE_CAPACITY, "LANE_CAPACITY", capacity],
    [LANE_EPOCH, "LANE_EPOCH", epoch],
    ...(own === undefined ? [] : ([[LANE_INDEX, "LANE_INDEX", own.lane]] as const)),
    ...(own === undefined ? [] : ([[LANE_PID, "LANE_PID", own.identity.pid]] as const)),
  ];
  // A file that was cut off goes on with zeros.
  const image = bytes.length >= laneBytes(capacity) ? bytes : Buffer.concat([bytes], laneBytes(capacity));
  for (const [word, name, value] of expected) {
    if (wordOf(bytes, word) !== value) tell(word * 4, word * 4 + 4, name);
    image.writeInt32LE(value, word * 4);
  }
  if (bytes.length < laneBytes(capacity)) tell(bytes.length, laneBytes(capacity), "the file is cut off");
  if (own === undefined) {
    const from = Math.min(laneBytes(capacity), bytes.length);
    const where = owner === undefined ? "" : "; another lane's says the same";
    tell(from, Math.max(from, page.at, bytes.length), `the owner page${where}`);
  }
  const lane = own?.lane ?? parseRingName(basename(file.path))?.lane ?? 0;
  return { file, bytes: image, capacity, owner, lane, damage };
}

/** Without its owner page: what the lane says; otherwise what the file's size says. */
function capacityOf(bytes: Buffer, sibling: RingOwner | undefined): number | undefined {
  if (sibling !== undefined) return sibling.capacity;
  const room = bytes.length - FRAMES_OFFSET;
  const said = wordOf(bytes, LANE_CAPACITY);
  // One flipped bit makes no power of two of another one. A file that was cut off is smaller than it says.
  if (isCapacity(said)) return said;
  let fitting = MIN_RING_BYTES;
  while (fitting * 2 <= room && fitting < MAX_RING_BYTES) fitting *= 2;
  return room > 0 ? fitting : undefined;
}

function isCapacity(bytes: number): boolean {
  return bytes >= MIN_RING_BYTES && bytes <= MAX_RING_BYTES && (bytes & (bytes - 1)) === 0;
}

function epochInName({ epoch }: Pick<RingGroup, "epoch">): number | undefined {
  return /^[0-9a-f]{8}$/.test(epoch) ? Number.parseInt(epoch, 16) | 0 : undefined;
}

function surveyDictionary(memory: SharedArrayBuffer, lane: number): LaneDamage[] {
  const region = dictionaryRegion(memory, lane);
  const reader = new DictionaryReader(region);
  const { used, entries, isSound } = reader.survey();
  const damage: LaneDamage[] = reader.damage.map(({ from, to, firstId, entries: lost }) => ({
    from: DICTIONARY_OFFSET + from,
    to: DICTIONARY_OFFSET + to,
    what: entriesText(firstId, lost),
    missing: 0,
  }));
  // The two stand side by side; which of them is wrong, nobody can tell.
  if (!isSound)
    damage.push({
      from: DICTIONARY_USED * 4,
      to: DICTIONARY_ENTRIES * 4 + 4,
      what: "DICTIONARY_USED and DICTIONARY_ENTRIES",
      missing: 0,
    });
  const words = new Int32Array(memory);
  words[region.usedWord] = used;
  words[region.entriesWord] = entries;
  return damage;
}

function entriesText(first: number, entries: number): string {
  if (entries === 0) return "no dictionary entries";
  return entries === 1 ? `dictionary entry ${first}` : `dictionary entries ${first} to ${first + entries - 1}`;
}
