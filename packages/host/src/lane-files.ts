import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isMainThread } from "node:worker_threads";
import {
  CONTROL_BYTES,
  CONTROL_EPOCH,
  CONTROL_MAPPABLE,
  type CrashSafetyOptions,
  type Durability,
  LANE_FILES,
  LANE_MAPPED,
  LANE_MIRRORED,
  LANE_OWNER_STRIDE,
  LANE_UNKEPT,
  type NamedSinkSpec,
  type RingFile,
  type RingGroup,
  type RingPlace,
} from "@spillway/core";
import {
  LANE_HEADER_BYTES,
  LANE_IS_COPIED,
  LANE_NONCE,
  laneBytes,
  laneCapacity,
  laneCount,
  laneOffset,
  OVERFLOW_WORDS_OFFSET,
} from "@spillway/ring";
import {
  createRingFile,
  encodeOwner,
  loadNative,
  type Native,
  OVERFLOW_WORDS,
  OverflowWriter,
  overflowPaths,
  overflowStreamName,
  ownIdentity,
  type RingOwner,
  removeFile,
  ringPath,
  takeDeadRings,
  whyNoNative,
  writeAll,
} from "@spillway/spill";

type Trouble = (message: string) => void;

/** Where an engine's ring files are, and how its lanes are to be kept. Plain data: every thread needs it. */
export interface CrashSafetyPlan {
  readonly folder: string;
  readonly base: string;
  readonly tier: "auto" | Durability;
}

/** Undefined: nothing is to survive the process, because that is what was asked for or there is no file beside which to keep it. */
export function planCrashSafety(
  sinks: readonly NamedSinkSpec[],
  options: false | CrashSafetyOptions | undefined,
): CrashSafetyPlan | undefined {
  if (options === false || options?.tier === "none") return undefined;
  const first = sinks.find(({ spec }) => spec.type === "file")?.spec;
  const path = first?.type === "file" ? first.path : undefined;
  const folder = options?.dir ?? (path === undefined ? undefined : join(dirname(path), ".spillway"));
  if (folder === undefined) return undefined;
  // Later, the process may be in another folder.
  return {
    folder: resolve(folder),
    base: path === undefined ? "spillway" : basename(path),
    tier: options?.tier ?? "auto",
  };
}

/**
 * A thread's hand in the ring files of its engine: makes the file of a lane the thread has claimed and lays it over the
 * lane, or says which weaker way is left.
 */
export class LaneFiles {
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

  /** `walStem`: of the logs of critical records, whose recovery goes with that of the ring files. */
  constructor(
    memory: SharedArrayBuffer,
    sinks: readonly NamedSinkSpec[],
    plan: CrashSafetyPlan,
    trouble: Trouble,
    walStem?: string,
  ) {
    this.#memory = memory;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#sinks = sinks;
    this.#plan = plan;
    this.#walStem = walStem;
    this.#trouble = trouble;
    this.#native = loadNative();
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
    for (const { fd, path } of this.#dead.flatMap(({ files }) => files)) {
      if (!isStillAt(path, fd)) closeSync(fd);
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
    const native = this.#native;
    if (native === undefined) {
      this.#tell(
        `koffi cannot be loaded (${whyNoNative()}): the ring is copied to its file once a turn instead of being it`,
      );
      return false;
    }
    if (this.#control[CONTROL_MAPPABLE] === 0) {
      this.#tell("no WebAssembly memory to map a file over: the ring is copied to its file once a turn");
      return false;
    }
    const capacity = laneCapacity(this.#memory);
    const offset = laneOffset(lane, capacity);
    try {
      native.mapOver(this.#memory, offset, laneBytes(capacity), file.fd);
    } catch (error) {
      this.#tell(`the ring cannot be mapped (${messageOf(error)}): it is copied to its file once a turn`);
      return false;
    }
    if (this.#isSameAsFile(offset, file.fd)) return true;
    this.#tell("what is written to the mapped ring does not show in its file: it is copied there once a turn");
    return false;
  }

  /** Writes a number no file has by chance through the memory, and reads it back through the file. */
  #isSameAsFile(offset: number, fd: number): boolean {
    const words = new Int32Array(this.#memory, offset, LANE_HEADER_BYTES / 4);
    const nonce = (Math.random() * 2 ** 32) | 1;
    Atomics.store(words, LANE_NONCE, nonce);
    const read = Buffer.alloc(4);
    readSync(fd, read, 0, 4, LANE_NONCE * 4);
    Atomics.store(words, LANE_NONCE, 0);
    return read.readInt32LE(0) === (nonce | 0);
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
