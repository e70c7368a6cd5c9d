import { closeSync, constants, fstatSync, openSync, statSync, truncateSync } from "node:fs";
import { isMainThread, threadId } from "node:worker_threads";
import {
  CONTROL_BYTES,
  CONTROL_EPOCH,
  type Durability,
  LANE_FILE_LIVES,
  LANE_FILES,
  LANE_INODE_STRIDE,
  LANE_INODES,
  LANE_MAPPED,
  LANE_MIRRORED,
  LANE_OWNER_STRIDE,
  LANE_OWNERS,
  LANE_UNKEPT,
  type NamedSinkSpec,
  RING_FILES_REMADE,
  type RingFile,
  type RingGroup,
  type RingPlace,
} from "@spillway/core";
import {
  LANE_HEADER_BYTES,
  LANE_IS_COPIED,
  laneBytes,
  laneCapacity,
  laneCount,
  laneOffset,
  OVERFLOW_WORDS_OFFSET,
} from "@spillway/ring";
import {
  createRingFile,
  encodeOwner,
  letGoOfRings,
  loadNative,
  type Native,
  OVERFLOW_WORDS,
  OverflowWriter,
  overflowPaths,
  overflowStreamName,
  ownIdentity,
  type RingFileTrouble,
  type RingOwner,
  removeFile,
  ringFileTrouble,
  ringPath,
  setAside,
  takeDeadRings,
  writeAll,
} from "@spillway/spill";
import type { CrashSafetyPlan } from "./crash-safety-plan.ts";
import { holdDrain } from "./drain-hold.ts";
import { mapLane } from "./lane-mapping.ts";
import { type KeptLanes, LaneWatch } from "./lane-watch.ts";

type Trouble = (message: string) => void;

/**
 * A thread's hand in the ring files of its engine: makes the file of a lane the thread has claimed and lays it over the
 * lane, or says which weaker way is left.
 */
export class LaneFiles implements KeptLanes {
  readonly #memory: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #sinks: readonly NamedSinkSpec[];
  readonly #plan: CrashSafetyPlan;
  readonly #walStem: string | undefined;
  readonly #trouble: Trouble;
  readonly #native: Native | undefined;
  #durability: Durability = "none";
  /** By lane: this thread's descriptor of a file that is copied to. */
  readonly #open = new Map<number, number>();
  /** What was taken of dead processes, until it is recovered. */
  #dead: readonly RingGroup[] = [];
  readonly #inodes: Float64Array;
  readonly #watch: LaneWatch;
  #fileBytes: number | undefined;
  /** By lane: what has become of a file that could not be made anew yet, and why it could not. */
  readonly #unmade = new Map<number, { readonly trouble: RingFileTrouble; readonly why: string }>();

  /**
   * `isOwner`: on the thread that made the engine. `walStem`: of the logs of critical records, whose recovery goes with
   * that of the ring files.
   */
  constructor(
    memory: SharedArrayBuffer,
    sinks: readonly NamedSinkSpec[],
    plan: CrashSafetyPlan,
    trouble: Trouble,
    isOwner: boolean,
    walStem?: string,
  ) {
    this.#memory = memory;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#sinks = sinks;
    this.#plan = plan;
    this.#walStem = walStem;
    this.#trouble = trouble;
    this.#native = loadNative();
    this.#inodes = new Float64Array(memory, 0, CONTROL_BYTES / 8);
    this.#watch = new LaneWatch(this.#control, this, threadId, isOwner);
  }

  get count(): number {
    return laneCount(this.#memory);
  }

  /** How the lanes that were kept so far survive: the weakest of them. */
  get durability(): Durability {
    return this.#durability;
  }

  /** What dead processes left of the same log, locked, to be replayed before anything new is drained. */
  takeDead(): readonly RingGroup[] {
    this.#dead = takeDeadRings(this.#plan.folder, this.#native, this.#plan.base).groups;
    return this.#dead;
  }

  /**
   * When what was taken has been recovered: gives up the locks, and with them the space of the files. What could not be
   * delivered is there still, and stays locked: nobody else may begin with it while this process appends to the same log.
   */
  closeDead(): void {
    for (const group of this.#dead) {
      const left = group.files.filter(({ fd, path }) => isStillAt(path, fd));
      for (const file of group.files) if (!left.includes(file)) closeSync(file.fd);
      if (left.length === 0) letGoOfRings({ ...group, files: [] });
    }
    this.#dead = [];
  }

  /**
   * Keeps a lane that this thread has claimed and has not written to yet. Never throws: where a file cannot be had, the
   * trouble is told and the lane stays memory.
   */
  keep(lane: number): Durability {
    const kept = Atomics.load(this.#control, this.#word(lane));
    try {
      // The file of an earlier owner serves on: a mapping belongs to the process, not to the thread that made it.
      if (kept === LANE_MAPPED) this.#durability = "mmap";
      else this.#durability = kept === LANE_MIRRORED ? this.#mirrorOn(lane) : this.#keep(lane);
      this.#watch.start();
    } catch (error) {
      this.#durability = "none";
      this.#tell(`no ring file (${messageOf(error)}): what is in the ring is lost if the process is killed`);
    }
    return this.#durability;
  }

  /** What the names of this engine's files are made of. */
  get place(): RingPlace {
    const { folder, base } = this.#plan;
    return { folder, base, pid: process.pid, epoch: this.#control[CONTROL_EPOCH]! };
  }

  /** Of the file of a lane that is copied to it, open on this thread. */
  descriptorOf(lane: number): number | undefined {
    return this.#open.get(lane);
  }

  overflowOf(lane: number, cap: number): OverflowWriter {
    const place = this.place;
    const offset = laneOffset(lane, laneCapacity(this.#memory)) + OVERFLOW_WORDS_OFFSET;
    return new OverflowWriter({
      folder: place.folder,
      stream: overflowStreamName({ ...place, lane }),
      epoch: place.epoch,
      lane,
      pid: place.pid,
      words: new Int32Array(this.#memory, offset, OVERFLOW_WORDS),
      cap,
    });
  }

  troubleOf(lane: number): RingFileTrouble | undefined {
    if (Atomics.load(this.#control, this.#word(lane)) === LANE_UNKEPT) return undefined;
    this.#fileBytes ??= laneBytes(laneCapacity(this.#memory)) + encodeOwner(this.#ownerOf(lane)).length;
    const trouble = ringFileTrouble(ringPath(this.place, lane), this.#inodes[inodeIndex(lane)]!, this.#fileBytes);
    return trouble ?? this.#unmade.get(lane)?.trouble;
  }

  /**
   * Nobody writes to the lane meanwhile: this thread is its producer, and nobody drains. So the new file has all that was
   * in the old one, and nothing is between the two.
   */
  remake(lane: number, trouble: RingFileTrouble): boolean {
    let release: (() => void) | undefined;
    try {
      // Before anything touches what was cut off: that would be the end of the process. What was there is zeros now.
      if (trouble === "truncated") truncateSync(ringPath(this.place, lane), this.#fileBytes);
      release = holdDrain(this.#memory, this.#control, threadId);
      if (release === undefined) throw new Error("the drain is in the middle of a write");
      this.#remake(lane, trouble);
    } catch (error) {
      const why = messageOf(error);
      if (this.#unmade.get(lane)?.why !== why)
        this.#tell(
          `the ring file was ${trouble} and cannot be made anew yet (${why}): what is in the ring is lost if the process is killed`,
        );
      this.#unmade.set(lane, { trouble, why });
      this.#durability = "none";
      return false;
    } finally {
      release?.();
    }
    this.#unmade.delete(lane);
    this.#tell(`the ring file was ${trouble}; it is made anew, with what is in the ring`);
    Atomics.add(this.#control, RING_FILES_REMADE, 1);
    return true;
  }

  #remake(lane: number, trouble: RingFileTrouble): void {
    const path = ringPath(this.place, lane);
    const owner = this.#ownerOf(lane);
    const bytes = laneBytes(owner.capacity);
    const isMapped = Atomics.load(this.#control, this.#word(lane)) === LANE_MAPPED;
    const image = new Uint8Array(this.#memory, laneOffset(lane, owner.capacity), bytes);
    // Not ours to destroy.
    if (trouble === "replaced") setAside({ path });
    const hasLock = owner.hasLock && (isMapped || isMainThread);
    const file = createRingFile(this.#plan.folder, this.#plan.base, { ...owner, hasLock }, image, bytes, this.#native);
    if (isMapped) {
      const reason = mapLane(this.#memory, lane, file.fd, this.#native);
      closeSync(file.fd);
      if (reason !== undefined) throw new Error(reason);
    } else {
      const before = this.#open.get(lane);
      this.#open.set(lane, file.fd);
      if (before !== undefined) closeSync(before);
    }
    this.#noteFile(lane, file.path);
    if (Atomics.load(this.#control, LANE_OWNERS + lane * LANE_OWNER_STRIDE) === threadId + 1)
      this.#durability = isMapped ? "mmap" : "mirror";
  }

  #noteFile(lane: number, path: string): void {
    this.#inodes[inodeIndex(lane)] = statSync(path).ino;
    Atomics.add(this.#control, LANE_FILE_LIVES + lane * LANE_OWNER_STRIDE, 1);
  }

  /** Nobody looks after the files any more. */
  stopWatching(): void {
    this.#watch.stop();
  }

  /** At a clean end, with nothing pending: removes the files of all lanes, of whatever thread. */
  remove(): void {
    for (let lane = 0; lane < laneCount(this.#memory); lane++) {
      const kept = Atomics.exchange(this.#control, this.#word(lane), LANE_UNKEPT);
      if (kept === LANE_UNKEPT) continue;
      removeFile(ringPath(this.place, lane));
      // What was appended there is acked; the segment it was appended to is still there.
      for (const path of overflowPaths(this.#plan.folder, overflowStreamName({ ...this.place, lane })))
        removeFile(path);
    }
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  #keep(lane: number): Durability {
    const owner = this.#ownerOf(lane);
    const file = this.#create(lane, owner);
    let isMapped = false;
    try {
      isMapped = this.#plan.tier !== "mirror" && this.#map(lane, file);
      // Where it is no mapping that holds it, the lock goes with this thread, and the process may live on.
      if (!isMapped) this.#sayCopied(lane, file.fd);
      if (!isMapped && !isMainThread)
        writeAll(file.fd, encodeOwner({ ...owner, hasLock: false }), laneBytes(owner.capacity));
    } catch (error) {
      closeSync(file.fd);
      removeFile(file.path);
      throw error;
    }
    this.#noteFile(lane, file.path);
    // A mapping holds the file, and the lock on it, without a descriptor.
    if (isMapped) closeSync(file.fd);
    else this.#open.set(lane, file.fd);
    Atomics.store(this.#control, this.#word(lane), isMapped ? LANE_MAPPED : LANE_MIRRORED);
    return isMapped ? "mmap" : "mirror";
  }

  /** In the lane and in its file: frames may be there that the head does not know of yet. */
  #sayCopied(lane: number, fd: number): void {
    const words = new Int32Array(this.#memory, laneOffset(lane, laneCapacity(this.#memory)), LANE_IS_COPIED + 1);
    words[LANE_IS_COPIED] = 1;
    writeAll(fd, Buffer.from(words.buffer, words.byteOffset + LANE_IS_COPIED * 4, 4), LANE_IS_COPIED * 4);
  }

  /** The thread that had the lane before is gone, and its descriptor with it. */
  #mirrorOn(lane: number): Durability {
    if (!this.#open.has(lane))
      this.#open.set(lane, openSync(ringPath(this.place, lane), constants.O_WRONLY | constants.O_NOFOLLOW));
    return "mirror";
  }

  #ownerOf(lane: number): RingOwner {
    return {
      identity: ownIdentity(),
      hasLock: this.#native !== undefined,
      epoch: this.#control[CONTROL_EPOCH]!,
      lane,
      capacity: laneCapacity(this.#memory),
      sinks: this.#sinks,
      createdAt: new Date().toISOString(),
      walStem: this.#walStem,
    };
  }

  #create(lane: number, owner: RingOwner): RingFile {
    const { capacity } = owner;
    const offset = laneOffset(lane, capacity);
    // The lane has neither frames nor a dictionary yet.
    const image = new Uint8Array(this.#memory, offset, LANE_HEADER_BYTES);
    const { folder, base } = this.#plan;
    return createRingFile(folder, base, owner, image, laneBytes(capacity), this.#native);
  }

  #map(lane: number, file: RingFile): boolean {
    const reason = mapLane(this.#memory, lane, file.fd, this.#native);
    if (reason !== undefined) this.#tell(reason);
    return reason === undefined;
  }

  #word(lane: number): number {
    return LANE_FILES + lane * LANE_OWNER_STRIDE;
  }

  #tell(what: string): void {
    this.#trouble(`crash safety: ${what}`);
  }
}

function isStillAt(path: string, fd: number): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
  } catch {
    // Nobody can tell, so nobody else can begin with it.
    return true;
  }
}

function inodeIndex(lane: number): number {
  return LANE_INODES + lane * LANE_INODE_STRIDE;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
