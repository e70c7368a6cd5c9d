import { unlinkSync } from "node:fs";
import { ACK_WAITERS, ACKS, CONTROL_BYTES, type DrainStart, HEARTBEAT, type NotePlace } from "@spillway/core";
import { JsonBytes } from "@spillway/format";
import { ATTEMPT_READING, isBefore, type LaneDamage, laneCount } from "@spillway/ring";
import { Attempts, type Caution } from "./attempts.ts";
import type { Batch } from "./batch.ts";
import { Complaints, type Trouble } from "./complaints.ts";
import { DeadlyFrame } from "./deadly-frame.ts";
import { Destination } from "./destination.ts";
import { Lane, type Source } from "./lane.ts";
import { LaneNotes } from "./lane-notes.ts";
import { OverflowLane } from "./overflow-lane.ts";
import type { Ownership } from "./ownership.ts";
import type { SharedClock } from "./shared-clock.ts";

const TEXT_BYTES = 1024 * 1024;
const MAX_RETRY_MS = 100;

/** What the pipeline works with: lanes on one side, destinations on the other, and the words shared with the host. */
export class Carrier {
  /** The lanes in the ring, then what of each did not fit there. */
  readonly #lanes: readonly Source[];
  readonly #overflows: readonly OverflowLane[];
  readonly #notes: readonly LaneNotes[];
  readonly #destinations: Destination[];
  /** Whether these are all destinations there are: only then may the ring have its space back. */
  readonly #hasAll: boolean;
  readonly #attempts: readonly Attempts[];
  readonly #place: NotePlace;
  readonly #trouble: Trouble;
  readonly #control: Int32Array;
  readonly #ownership: Ownership;
  readonly #complaints: Complaints;
  readonly #clock: SharedClock | undefined;
  #retryMs = 0;
  /** A batch for which there was no time left, and the destinations that do not have it. */
  #left: { readonly batch: Batch; readonly failing: readonly Destination[] } | undefined;
  /** What one of the destinations gets instead of the batch under way. */
  #standIn: { readonly for: Destination; readonly batch: Batch } | undefined;
  #targets: readonly number[] = [];
  /** Of batches that other sinks may still need. */
  #farFiles: string[] = [];
  /** A failing sink is given up when this moment (Date.now()) has passed. */
  deadline: number = Number.POSITIVE_INFINITY;

  /** `only`: the index of the one sink that is to be carried to. `told` learns what could not be read. */
  constructor(
    start: DrainStart,
    ownership: Ownership,
    trouble: Trouble,
    clock?: SharedClock,
    only?: number,
    told?: (lane: number, damage: LaneDamage & { readonly path?: string }) => void,
  ) {
    const text = new JsonBytes(TEXT_BYTES);
    this.#control = new Int32Array(start.memory, 0, CONTROL_BYTES / 4);
    this.#ownership = ownership;
    this.#complaints = new Complaints(trouble);
    this.#trouble = trouble;
    this.#place = start.notes;
    this.#clock = clock;
    this.#hasAll = only === undefined;
    this.#notes = Array.from(
      { length: laneCount(start.memory) },
      (_, lane) => new LaneNotes(start.memory, lane, start.notes),
    );
    const lanes = this.#notes.map(
      (notes, index) => new Lane(start.memory, index, text, clock, notes, told && ((damage) => told(index, damage))),
    );
    this.#overflows = lanes.map(
      ({ index }) =>
        new OverflowLane(
          start.memory,
          index,
          lanes.length,
          text,
          clock,
          start.notes,
          told && ((one) => told(index, one)),
        ),
    );
    this.#lanes = [...lanes, ...this.#overflows];
    const ackedTo = this.#lanes.map((lane) => lane.ackedTo);
    this.#attempts = this.#lanes.map(({ index }) => {
      const lane = index % lanes.length;
      const notes = this.#notes[lane]!;
      const attempts = new Attempts(start.memory, lane, index >= lanes.length, notes, this.#hasAll);
      attempts.takeUp(ackedTo[index]!);
      return attempts;
    });
    this.#destinations = start.sinks.flatMap((named, index) =>
      only === undefined || only === index ? [new Destination(start.memory, index, named, ackedTo, this.#notes)] : [],
    );
  }

  get hasMore(): boolean {
    return this.#lanes.some((lane) => lane.hasMore);
  }

  /**
   * Remembers what is committed now, so that other threads that go on logging cannot keep a drain from ending. Carriers
   * that are to come equally far share the mark of one of them: what it answers.
   */
  mark(targets: readonly number[] = this.#lanes.map((lane) => lane.committedTo)): readonly number[] {
    this.#targets = targets;
    return targets;
  }

  /** Whether something is left of what was committed at the mark. */
  get hasMarked(): boolean {
    return this.#lanes.some((lane, index) => isBefore(lane.drainedTo, this.#targets[index]!));
  }

  /** Whether a write to one of the destinations was cut short where nobody can look how much of it arrived. */
  get isUncertain(): boolean {
    return this.#destinations.some((destination) => destination.isUncertain);
  }

  /** All lanes; while a destination resumes a write that was cut short, only the lane that was being written. */
  lanesInOrder(): readonly Source[] {
    for (const destination of this.#destinations) {
      const first = destination.resumesWith;
      if (first === -1) continue;
      const lane = this.#lanes[first]!;
      if (lane.hasMore) return [lane];
      destination.endResume();
    }
    return this.#lanes;
  }

  /** Whether what the lane has in the ring comes before what this source has. */
  mustWait(source: Source): boolean {
    const lanes = this.#overflows.length;
    return source.index >= lanes && this.#lanes[source.index - lanes]!.hasMore;
  }

  /** Of a dead process: what its overflow has in files, more or less. */
  get overflowBytes(): number {
    return this.#overflows.reduce((sum, overflow) => sum + overflow.bytesInFiles, 0);
  }

  /** Of a dead process: segments of its overflow in which nothing can be found. */
  lostSegments(): readonly string[] {
    return this.#overflows.flatMap((overflow) => overflow.lostSegments());
  }

  /** Everything is delivered: the files of what did not fit into the ring of a dead process may go. */
  finishOverflow(): void {
    for (const overflow of this.#overflows) overflow.finish();
  }

  /**
   * Where a batch of the lane must end: the next position from which one more destination still needs the frames.
   * Undefined when all of them are equally far, which is always so but for the first moments after a takeover.
   */
  boundaryOf(lane: number): number | undefined {
    const from = this.#lanes[lane]!.drainedTo;
    let boundary: number | undefined;
    for (const destination of this.#destinations) {
      const has = destination.hasTo(lane);
      if (!isBefore(from, has)) continue;
      if (boundary === undefined || isBefore(has, boundary)) boundary = has;
    }
    return boundary;
  }

  /**
   * The next lines of a source. Frames of which whoever drained before may have died are taken with care, and one that
   * nobody survived is left out: see attempts.ts.
   */
  take(source: Source): Batch | undefined {
    this.#standIn = undefined;
    if (!source.hasMore) return undefined;
    const attempts = this.#attempts[source.index]!;
    const boundary = this.boundaryOf(source.index);
    const caution = attempts.cautionAt(source.drainedTo);
    attempts.beginReading(source);
    const batch = caution === undefined ? source.take(boundary) : this.#takeWithCare(source, boundary, caution);
    attempts.endReading(batch?.endsAt ?? source.drainedTo);
    return batch;
  }

  #takeWithCare(source: Source, boundary: number | undefined, caution: Caution): Batch | undefined {
    const { until, frames, deadlyAt, isNew } = caution;
    const end = boundary === undefined || isBefore(until, boundary) ? until : boundary;
    if (deadlyAt === undefined) return source.take(end, frames);
    const sink =
      deadlyAt === ATTEMPT_READING ? undefined : this.#destinations.find(({ index }) => index === deadlyAt - 1);
    // A sink that is not this carrier's.
    if (deadlyAt !== ATTEMPT_READING && sink === undefined) return source.take(end, frames);
    const lane = source.index % this.#notes.length;
    const deadly = new DeadlyFrame(lane, sink?.name, isNew, this.#place, this.#trouble);
    const batch = source.take(end, frames, deadly);
    const instead = batch && deadly.standInFor(batch);
    this.#standIn = instead && sink && { for: sink, batch: instead };
    return batch;
  }

  /**
   * Every destination gets the batch; those that fail are asked again after the others have it. False: the role is no
   * longer ours, or there is no time left; nothing more may be written.
   */
  write(batch: Batch): boolean {
    const lanes = this.#notes.length;
    if (batch.laneIndex < lanes) this.#notes[batch.laneIndex]!.copyFrames(batch);
    else this.#notes[batch.laneIndex - lanes]!.copyDictionary();
    return this.#writeTo(this.#destinations, batch);
  }

  /**
   * Goes on with the batch for which there was no time left: the same bytes, of which a pipe may have some already. To be
   * called before anything else is carried. False: there is no time left again, or the role is no longer ours.
   */
  resume(): boolean {
    if (this.#left === undefined) return true;
    const { batch, failing } = this.#left;
    if (!this.#writeTo(failing, batch)) return false;
    this.ack(this.#lanes[batch.laneIndex]!, batch);
    return true;
  }

  #writeTo(destinations: readonly Destination[], batch: Batch): boolean {
    let failing = destinations.filter((destination) => !this.#attempt(destination, batch));
    while (failing.length > 0) {
      if (!this.#waitToRetry()) {
        // Another destination may have taken the batch, and the writing bit with it: nobody could take the role over.
        this.#ownership.endWrite();
        this.#left = { batch, failing };
        return false;
      }
      failing = failing.filter((destination) => !this.#attempt(destination, batch));
    }
    this.#retryMs = 0;
    this.#left = undefined;
    return this.#ownership.isOurs;
  }

  ack(lane: Source, batch: Batch): void {
    // A turn over many lanes takes long where there are few processors: each batch is a sign of life.
    Atomics.add(this.#control, HEARTBEAT, 1);
    if (this.#hasAll) lane.ack(batch.endsAt);
    this.#attempts[lane.index]!.done(batch.endsAt);
    this.#ownership.endWrite();
    if (!this.#hasAll) {
      this.#farFiles.push(...batch.farFiles);
      return;
    }
    for (const path of batch.farFiles) removeFile(path);
    Atomics.add(this.#control, ACKS, 1);
    if (Atomics.load(this.#control, ACK_WAITERS) > 0) Atomics.notify(this.#control, ACKS);
  }

  /** What was committed at the mark is in every sink, not only in this carrier's: the ring may have its space back. */
  ackMarked(): void {
    for (const [index, lane] of this.#lanes.entries()) {
      const target = this.#targets[index]!;
      if (isBefore(lane.ackedTo, target)) lane.ack(target);
    }
    for (const path of this.#farFiles) removeFile(path);
    this.#farFiles = [];
  }

  close(): void {
    for (const destination of this.#destinations) destination.close();
    for (const notes of this.#notes) notes.close();
    for (const overflow of this.#overflows) overflow.close();
  }

  /** The writing bit is taken here and kept until the ack: in between, nobody can tell how far the write has come. */
  #attempt(destination: Destination, batch: Batch): boolean {
    if (!this.#ownership.beginWrite() && !this.#ownership.isOurs) return false;
    // However long the write takes, nobody may go by a clock that stands still.
    this.#clock?.stop();
    const attempts = this.#attempts[batch.laneIndex]!;
    if (destination.isOwn) attempts.beginWriting(destination.index);
    try {
      destination.write(this.#standIn?.for === destination ? this.#standIn.batch : batch);
      this.#complaints.succeeded(destination.name);
      return true;
    } catch (error) {
      destination.countError();
      this.#ownership.endWrite();
      this.#complaints.failed(destination.name, error);
      return false;
    } finally {
      if (destination.isOwn) attempts.end();
    }
  }

  #waitToRetry(): boolean {
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2 || 1);
    Atomics.add(this.#control, HEARTBEAT, 1);
    // Nobody stores to HEARTBEAT but this thread, so this is a sleep.
    Atomics.wait(this.#control, HEARTBEAT, Atomics.load(this.#control, HEARTBEAT), this.#retryMs);
    if (!this.#ownership.isOurs) return false;
    return Date.now() < this.deadline;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Already gone, or not ours to remove: it is only space.
  }
}
