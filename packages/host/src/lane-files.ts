import { closeSync, constants, openSync, readSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  CONTROL_BYTES,
  CONTROL_EPOCH,
  CONTROL_MAPPABLE,
  type CrashSafetyOptions,
  type Durability,
  LANE_FILES,
  LANE_HAS_NO_FILE,
  LANE_IS_MAPPED,
  LANE_IS_MIRRORED,
  LANE_OWNER_STRIDE,
  type NamedSinkSpec,
  type RingFile,
  type RingGroup,
} from "@spillway/core";
import { LANE_HEADER_BYTES, LANE_NONCE, laneBytes, laneCapacity, laneCount, laneOffset } from "@spillway/ring";
import {
  createRingFile,
  loadNative,
  type Native,
  ownIdentity,
  removeFile,
  ringFileName,
  takeDeadRings,
  whyNoNative,
} from "@spillway/spill";

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
  readonly #trouble: (message: string) => void;
  readonly #native: Native | undefined;
  #durability: Durability = "none";
  /** Of the files this thread has made, or opened: their locks, and what a mirror writes to. */
  readonly #open = new Map<number, number>();
  /** What was taken of dead processes, until it is recovered. */
  #dead: readonly RingGroup[] = [];

  constructor(
    memory: SharedArrayBuffer,
    sinks: readonly NamedSinkSpec[],
    plan: CrashSafetyPlan,
    trouble: (message: string) => void,
  ) {
    this.#memory = memory;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#sinks = sinks;
    this.#plan = plan;
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

  /** When what was taken has been recovered: gives up the locks, and with them the space of the files. */
  closeDead(): void {
    for (const { files } of this.#dead) for (const { fd } of files) closeSync(fd);
    this.#dead = [];
  }

  /** By lane. */
  get paths(): readonly string[] {
    return Array.from({ length: laneCount(this.#memory) }, (_, lane) => this.#path(lane));
  }

  /** This thread's descriptor of the file of a lane it has kept. */
  descriptor(lane: number): number | undefined {
    return this.#open.get(lane);
  }

  /**
   * Keeps a lane that this thread has claimed and has not written to yet. Never throws: where a file cannot be had, the
   * trouble is told and the lane stays memory.
   */
  keep(lane: number): Durability {
    const kept = Atomics.load(this.#control, this.#word(lane));
    try {
      // An earlier owner's file serves on: the mapping belongs to the process, not to the thread.
      if (kept === LANE_IS_MAPPED) this.#durability = "mmap";
      else this.#durability = kept === LANE_IS_MIRRORED ? this.#mirrorOn(lane) : this.#keep(lane);
    } catch (error) {
      this.#durability = "none";
      this.#tell(`no ring file (${messageOf(error)}): what is in the ring is lost if the process is killed`);
    }
    return this.#durability;
  }

  /** At a clean end, with nothing pending: removes the files of all lanes, of whatever thread. */
  remove(): void {
    for (const [lane, path] of this.paths.entries()) {
      if (Atomics.exchange(this.#control, this.#word(lane), LANE_HAS_NO_FILE) !== LANE_HAS_NO_FILE) removeFile(path);
    }
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  #keep(lane: number): Durability {
    const file = this.#create(lane);
    const isMapped = this.#plan.tier !== "mirror" && this.#map(lane, file);
    this.#open.set(lane, file.fd);
    Atomics.store(this.#control, this.#word(lane), isMapped ? LANE_IS_MAPPED : LANE_IS_MIRRORED);
    return isMapped ? "mmap" : "mirror";
  }

  /** The thread that had the lane before is gone, and its descriptor with it. */
  #mirrorOn(lane: number): Durability {
    this.#open.set(lane, openSync(this.#path(lane), constants.O_RDWR | constants.O_NOFOLLOW));
    return "mirror";
  }

  #create(lane: number): RingFile {
    const capacity = laneCapacity(this.#memory);
    const offset = laneOffset(lane, capacity);
    const owner = {
      identity: ownIdentity(),
      hasLock: this.#native !== undefined,
      epoch: this.#control[CONTROL_EPOCH]!,
      lane,
      capacity,
      sinks: this.#sinks,
      createdAt: new Date().toISOString(),
    };
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

  #path(lane: number): string {
    const { folder, base } = this.#plan;
    return join(folder, ringFileName({ base, pid: process.pid, epoch: this.#control[CONTROL_EPOCH]!, lane }));
  }

  #tell(what: string): void {
    this.#trouble(`crash safety: ${what}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
