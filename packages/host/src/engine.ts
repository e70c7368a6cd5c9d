import { threadId } from "node:worker_threads";
import {
  ACK_WAITERS,
  ACKS,
  type Accounts,
  CONTROL_BYTES,
  type DrainStart,
  type Durability,
  ENGINE_CLOSED,
  FlushTimeoutError,
  HEARTBEAT,
  type NamedSinkSpec,
  PARKED,
  RECOVERED,
  ROLE,
  ROLE_CALLER,
} from "@spillway/core";
import type { MetricsSnapshot } from "@spillway/metrics";
import { LaneTable, makeMemory } from "@spillway/ring";
import type { OverflowWriter } from "@spillway/spill";
import { Bookkeeping } from "./accounts.ts";
import type { CrashSafetyPlan } from "./crash-safety-plan.ts";
import type { CriticalLog, CriticalPlan } from "./critical-log.ts";
import { criticalLogFor } from "./critical-log-for.ts";
import type { CallerDrainLike, DrainCode } from "./drain-code.ts";
import type { EngineShare, ResolvedEngineOptions } from "./engine-share.ts";
import { finishCritical } from "./finish-critical.ts";
import { flushAll, stopWorker, wakeWorker } from "./flush.ts";
import { LaneFiles } from "./lane-files.ts";
import { sayLastWords } from "./last-words.ts";
import { loadCallerDrain } from "./load-caller-drain.ts";
import { Supervisor } from "./supervisor.ts";
import { TickMirror } from "./tick-mirror.ts";

const LANE_WAIT_MS = 10;
/** While deliveries on the calling thread fail, one call in so long a time tries again. */
const RETRY_MS = 100;
/** How long the end of the threads waits for records that came after the last flush. */
const CLOSE_FLUSH_MS = 1000;

export type Trouble = (message: string) => void;

/**
 * The app's side of an engine: one piece of shared memory, the threads that drain it, and what is asked of them. The
 * thread that makes it owns the threads; other threads of the process attach to the same memory.
 */
export class Engine {
  readonly share: EngineShare;
  readonly control: Int32Array;
  readonly #start: DrainStart;
  readonly #code: DrainCode;
  readonly trouble: Trouble;
  readonly #supervisor: Supervisor | undefined;
  readonly #lanes: LaneTable;
  readonly #files: LaneFiles | undefined;
  readonly #bookkeeping: Bookkeeping;
  readonly isOwner: boolean;
  /** Of this thread. */
  #critical: CriticalLog | undefined;
  #caller: CallerDrainLike | undefined;
  #isEnding = false;
  #isDraining = false;
  /** performance.now() of the last delivery on this thread, if a sink failed in it: until one does not. */
  #failedAt: number | undefined;
  #isWaking = false;
  #wakes = 0;
  #mayRunModules = true;
  /** Date.now() after which the end of the process waits for no sink that fails. */
  #endsAt = Number.POSITIVE_INFINITY;

  private constructor(share: EngineShare, code: DrainCode, trouble: Trouble, isOwner: boolean) {
    this.share = share;
    this.control = new Int32Array(share.memory, 0, CONTROL_BYTES / 4);
    this.#files =
      share.crashSafety === undefined
        ? undefined
        : new LaneFiles(share.memory, share.sinks, share.crashSafety, trouble, isOwner, share.critical?.stem);
    this.#start = {
      memory: share.memory,
      sinks: share.sinks,
      parkAfterMs: share.options.parkAfterMs,
      notes: this.#files && { place: this.#files.place },
      recover: isOwner ? (this.#files?.takeDead() ?? []) : [],
      walStem: isOwner ? share.critical?.stem : undefined,
    };
    this.#code = code;
    this.trouble = trouble;
    this.isOwner = isOwner;
    this.isInline = share.options.sync;
    this.#lanes = new LaneTable(share.memory);
    this.#bookkeeping = new Bookkeeping(share.memory, share.sinks, this.#lanes);
    this.#supervisor =
      isOwner && !share.options.sync ? new Supervisor(this.#start, code, trouble, this.#closeDead) : undefined;
    // Where no thread may be started, every call sees to its own delivery.
    if (this.#supervisor?.hasThread === false) this.isInline = true;
  }

  static make(
    key: string,
    sinks: readonly NamedSinkSpec[],
    options: ResolvedEngineOptions,
    code: DrainCode,
    trouble: Trouble,
    crashSafety: CrashSafetyPlan | undefined,
    critical: CriticalPlan | undefined,
  ): Engine {
    const memory = makeMemory({
      // The thread that makes the engine has a lane besides those promised to app threads.
      lanes: options.lanes + 1,
      capacity: options.ringBytes,
      // Tells lives of a ring apart; nothing secret hangs on it.
      epoch: (Math.random() * 2 ** 32) | 0,
      pid: process.pid,
    });
    return new Engine({ key, memory, sinks, options, crashSafety, critical }, code, trouble, true);
  }

  static attach(share: EngineShare, code: DrainCode, trouble: Trouble): Engine {
    return new Engine(share, code, trouble, false);
  }

  /**
   * A lane for this thread, or undefined when all are taken, or none of the free ones is acked to its end in time.
   */
  claimLane(): number | undefined {
    const deadline = Date.now() + this.share.options.maxBlockMs;
    while (true) {
      const lane = this.#lanes.claim(threadId);
      if (lane !== undefined) {
        this.#files?.keep(lane);
        return lane;
      }
      // Those that are free have records of an earlier owner in them still.
      if (!this.#lanes.hasFree || Date.now() >= deadline) return undefined;
      this.waitForAck(LANE_WAIT_MS);
    }
  }

  /** How the records of this thread's lane survive a kill of the process. */
  get durability(): Durability {
    return this.#files?.durability ?? "none";
  }

  /** What copies the lane of this thread to its file, where that is not mapped. */
  mirrorOf(lane: number): TickMirror | undefined {
    const files = this.#files;
    if (files?.descriptorOf(lane) === undefined) return undefined;
    return new TickMirror(this.share.memory, lane, () => files.descriptorOf(lane), this.trouble);
  }

  /** What takes the records of this thread's lane that do not fit there; undefined: there is no folder for them. */
  overflowOf(lane: number): OverflowWriter | undefined {
    const { whenFull, spillCap } = this.share.options;
    // Without the ring file nobody could read the frames after a crash: what they refer to is in its dictionary.
    if (whenFull !== "spill" || this.#files === undefined || this.durability === "none") return undefined;
    return this.#files.overflowOf(lane, spillCap);
  }

  /** The write-ahead log of this thread's critical records; undefined: no record is critical. */
  criticalOf(lane: number): CriticalLog | undefined {
    this.#critical = criticalLogFor(this.share, lane, this.durability, this.#code, this.trouble);
    return this.#critical;
  }

  /** The ring files of the dead, when they have been recovered. */
  readonly #closeDead = (): void => {
    if (Atomics.load(this.control, RECOVERED) === 1) this.#files?.closeDead();
  };

  /** Removes the ring files, and the logs of critical records, when nothing in them is needed any more. */
  #removeFiles(): void {
    this.#closeDead();
    this.#files?.stopWatching();
    if (!this.isOwner || this.hasPending) return;
    // Before the ring files: as long as they are there, what the logs hold is known to be delivered.
    if (this.share.critical !== undefined) finishCritical(this.share, this.#critical, this.trouble);
    this.#files?.remove();
  }

  releaseLanes(thread: number): void {
    this.#lanes.releaseAll(thread);
  }

  get isClosed(): boolean {
    return Atomics.load(this.control, ENGINE_CLOSED) === 1;
  }

  /** Whether every call has to see to its own delivery: `sync: true`, and after the process's last words. */
  isInline: boolean;

  /** Wakes the worker if it is parked. The producer has committed before; pairs with park() in drain/drain-loop.ts. */
  readonly wakeIfParked = (): void => {
    if (Atomics.load(this.control, PARKED) !== 0) wakeWorker(this.control);
  };

  /**
   * The same once the thread is done with what it is doing: waking a thread takes 30 us where everything is warm, and
   * several times that after seconds of silence. Should the thread never be done, the worker looks by itself.
   */
  wakeLater(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    setImmediate(this.#wakeNow);
  }

  readonly #wakeNow = (): void => {
    this.#isWaking = false;
    this.#wakes++;
    this.wakeIfParked();
  };

  /** How often `wakeLater` has come to its end. */
  get wakes(): number {
    return this.#wakes;
  }

  /** Blocks the calling thread until a sink acked something, or `timeoutMs` have passed. */
  waitForAck(timeoutMs: number): void {
    const seen = Atomics.load(this.control, ACKS);
    wakeWorker(this.control);
    Atomics.add(this.control, ACK_WAITERS, 1);
    Atomics.wait(this.control, ACKS, seen, timeoutMs);
    Atomics.sub(this.control, ACK_WAITERS, 1);
  }

  /** Frees the role of a thread that was ended while it drained by itself. */
  releaseRole(thread: number): void {
    const token = ROLE_CALLER - thread;
    const held = Atomics.load(this.control, ROLE);
    if (held >>> 1 === token && Atomics.compareExchange(this.control, ROLE, held, 0) === held) {
      Atomics.notify(this.control, ROLE);
    }
  }

  get heartbeat(): number {
    return Atomics.load(this.control, HEARTBEAT);
  }

  /**
   * Drains on the calling thread, where the role can be had. False: it cannot, or a sink did not take everything in
   * time. Between the calls the role is free, for a worker that comes back.
   *
   * Where every call delivers by itself, the first one that meets a sink that fails waits for it. Those after it do not:
   * the ring keeps their records, and now and then one of them tries, until the sinks take everything again.
   */
  drainHere(timeoutMs: number): boolean {
    if (!this.isInline || this.#isEnding) return this.#drainWithin(timeoutMs);
    // What is logged from within a delivery says nothing of the sinks.
    if (this.#isDraining) return false;
    if (this.#failedAt === undefined) return this.#drainWithin(timeoutMs);
    return performance.now() - this.#failedAt >= RETRY_MS && this.#drainWithin(0);
  }

  #drainWithin(timeoutMs: number): boolean {
    // A sink of the user's own may be what the worker died of; here it would take the app along.
    if (!this.isInline && this.share.sinks.some((sink) => sink.spec.type === "module")) return false;
    // Whoever logs from within (an onTrouble, a sink) finds its record drained by the turn that is under way.
    if (this.#isDraining) return false;
    this.#isDraining = true;
    let isDone = false;
    try {
      isDone = this.#drainUntil(Date.now() + timeoutMs);
    } catch (error) {
      this.trouble(`draining on the calling thread: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#isDraining = false;
      this.#failedAt = isDone ? undefined : performance.now();
    }
    return isDone;
  }

  #drainUntil(deadline: number): boolean {
    const caller = this.#callerDrain();
    if (!caller.takeRole()) return false;
    try {
      if (this.#isEnding) return caller.drainEach(Math.min(deadline, this.#endsAt), deadline, this.#mayRunModules);
      const isDone = caller.drain(deadline);
      this.#closeDead();
      return isDone;
    } finally {
      if (!this.isInline) caller.giveRole();
    }
  }

  /** In the `exit` event, on the owning thread: see last-words.ts. From then on calls deliver by themselves. */
  sayLastWords(): void {
    if (this.#isEnding || !this.isOwner || (this.isClosed && !this.hasPending)) return;
    this.#isEnding = true;
    this.isInline = true;
    const { sync, exitTimeoutMs: timeoutMs } = this.share.options;
    // The worker that died or hung may have been brought down by one of them.
    this.#mayRunModules = sync;
    this.#endsAt = Date.now() + timeoutMs;
    try {
      const { isComplete, mayRunModules } = sayLastWords({
        memory: this.share.memory,
        timeoutMs,
        isAlone: sync,
        drain: () => this.#callerDrain(),
        terminate: (id) => this.#supervisor?.terminate(id),
      });
      this.#mayRunModules = mayRunModules;
      if (isComplete) {
        this.#removeFiles();
        return;
      }
    } catch (error) {
      // Nothing may be thrown here: it would change the exit code of the app.
      this.trouble(`last words: ${error instanceof Error ? error.message : String(error)}`);
    }
    const pending = Object.entries(this.accounts().sinks).filter(([, sink]) => sink.pending > 0);
    const lost = pending.map(([name, sink]) => `${name}: ${sink.pending}`).join(", ");
    if (lost !== "") this.trouble(`the process ends with records not delivered (${lost})`);
  }

  async flush(timeoutMs: number): Promise<void> {
    if (this.isClosed) return;
    if (this.isInline || this.#supervisor?.hasThread === false) {
      if (this.#drainWithin(timeoutMs)) return;
      if (this.isInline)
        throw new FlushTimeoutError(
          this.share.sinks.map((sink) => sink.name),
          timeoutMs,
        );
    }
    await flushAll(
      this.share.memory,
      this.#lanes,
      timeoutMs,
      this.share.sinks.map((sink) => sink.name),
    );
  }

  /**
   * Only the owner ends the threads. Elsewhere nothing happens: the thread keeps its lane until it ends, because what
   * it still logs must not meet another owner there.
   */
  async close(): Promise<void> {
    if (!this.isOwner) return;
    Atomics.store(this.control, ENGINE_CLOSED, 1);
    if (this.share.options.sync) this.#caller?.giveRole();
    if (this.#supervisor === undefined) {
      this.#removeFiles();
      return;
    }
    // What was logged while the flush before this was waiting has been accepted too.
    const names = this.share.sinks.map((sink) => sink.name);
    await flushAll(this.share.memory, this.#lanes, CLOSE_FLUSH_MS, names).catch(() => undefined);
    await stopWorker(this.control, CLOSE_FLUSH_MS);
    await this.#supervisor.close();
    this.#removeFiles();
  }

  /** Whether something that was committed has not been acked. */
  get hasPending(): boolean {
    for (let lane = 0; lane < this.#lanes.count; lane++) if (!this.#lanes.isAcked(lane)) return true;
    return false;
  }

  accounts(): Accounts {
    return this.#bookkeeping.accounts();
  }

  metrics(): MetricsSnapshot {
    return this.#bookkeeping.metrics();
  }

  #callerDrain(): CallerDrainLike {
    this.#caller ??= loadCallerDrain(this.#code, this.#start, this.trouble);
    return this.#caller;
  }
}
