import { CONTROL_BYTES, type NamedSinkSpec, SINK_BYTES, SINK_COUNTER_BASE, SINK_COUNTERS, SINK_ERRORS, SINK_QUARANTINED, SINK_UNCERTAIN, SINK_WRITES, type Sink } from "@spillway/core";
import { CommitSlots, laneCount } from "@spillway/ring";
import { openSink } from "@spillway/sinks";
import type { Batch } from "./batch.ts";

const NO_TAIL: Uint8Array = new Uint8Array(0);
/** More than this behind the last commit was not written by a worker of ours in one go. */
const MAX_TAIL_BYTES = 64 * 1024 * 1024;

/**
 * A sink and what it has had of each lane. Around every write stands a pair of commit slots: "about to write from
 * here", "written up to here". So whoever takes over after a death in between knows from where to replay, and which
 * bytes of the replay are in the file already.
 */
export class Destination {
  readonly name: string;
  readonly #sink: Sink;
  readonly #slots: CommitSlots[];
  readonly #counters: Float64Array;
  /** Per lane: the position up to which this sink has its frames. */
  readonly #hasTo: number[];
  #turn = 0;
  /** The lane that was written last, and what stands in the destination behind its last commit. */
  #lastLane = -1;
  #tail: Uint8Array = NO_TAIL;
  #isUncertain = false;

  constructor(memory: SharedArrayBuffer, index: number, named: NamedSinkSpec, ackedTo: readonly number[]) {
    this.name = named.name;
    this.#sink = openSink(named);
    this.#counters = new Float64Array(memory, 0, CONTROL_BYTES / 8).subarray(
      SINK_COUNTER_BASE + index * SINK_COUNTERS,
      SINK_COUNTER_BASE + (index + 1) * SINK_COUNTERS,
    );
    this.#slots = Array.from({ length: laneCount(memory) }, (_, lane) => new CommitSlots(memory, lane, index));
    this.#hasTo = [...ackedTo];
    this.#resume();
  }

  /** The lane that must go first, because its last write may have been cut short; -1: any. */
  get resumesWith(): number {
    return this.#tail.length > 0 || this.#isUncertain ? this.#lastLane : -1;
  }

  hasTo(lane: number): number {
    return this.#hasTo[lane]!;
  }

  /** Writes a batch, or throws and has to be given the same batch again. */
  write(batch: Batch): void {
    const lane = batch.laneIndex;
    if (this.#hasTo[lane] !== batch.startsAt) return;
    const slots = this.#slots[lane]!;
    const before = this.#sink.extent();
    const { delivered } = slots;
    slots.store(this.#turn + 1, batch.startsAt, before?.length ?? -1, before?.identity ?? 0, delivered);
    const text = this.#withoutTail(batch);
    if (text.length > 0) this.#sink.write(text, batch.records);
    this.#turn += 2;
    const after = this.#sink.extent();
    slots.store(this.#turn, batch.endsAt, after?.length ?? -1, after?.identity ?? 0, delivered + batch.records - batch.quarantined);
    this.#hasTo[lane] = batch.endsAt;
    this.#count(SINK_BYTES, text.length);
    this.#count(SINK_WRITES, 1);
    this.#count(SINK_QUARANTINED, batch.quarantined);
  }

  countError(): void {
    this.#count(SINK_ERRORS, 1);
  }

  close(): void {
    this.#sink.close();
  }

  /** Of a batch that follows a death in the middle of a write: the bytes that are not in the destination yet. */
  #withoutTail(batch: Batch): Uint8Array {
    const text = batch.text.bytes.subarray(0, batch.bytes);
    if (batch.laneIndex !== this.#lastLane) {
      this.#lastLane = batch.laneIndex;
      return text;
    }
    if (this.#isUncertain) {
      this.#isUncertain = false;
      this.#count(SINK_UNCERTAIN, batch.records);
    }
    const tail = this.#tail;
    if (tail.length === 0) return text;
    const common = Math.min(tail.length, text.length);
    if (Buffer.compare(tail.subarray(0, common), text.subarray(0, common)) !== 0) {
      // Not ours: somebody else appends to this file, and whether the batch is among their lines cannot be told.
      this.#tail = NO_TAIL;
      this.#count(SINK_UNCERTAIN, batch.records);
      return text;
    }
    this.#tail = tail.subarray(common);
    return text.subarray(common);
  }

  #resume(): void {
    let offset = -1;
    let identity = 0;
    for (let lane = 0; lane < this.#slots.length; lane++) {
      const commit = this.#slots[lane]!.read();
      if (commit === undefined) continue;
      this.#hasTo[lane] = commit.position;
      if (commit.turn < this.#turn) continue;
      this.#turn = commit.turn;
      this.#lastLane = lane;
      offset = commit.offset;
      identity = commit.identity;
    }
    // An odd turn was begun and not finished.
    if (this.#turn % 2 === 0) return;
    this.#turn++;
    if (offset < 0) {
      this.#isUncertain = true;
      return;
    }
    this.#tail = this.#writtenBehind(offset, identity);
  }

  #writtenBehind(offset: number, identity: number): Uint8Array {
    try {
      const now = this.#sink.extent();
      if (now === undefined || now.identity !== identity) return NO_TAIL;
      if (now.length <= offset || now.length - offset > MAX_TAIL_BYTES) return NO_TAIL;
      return this.#sink.tail(offset);
    } catch {
      // The file cannot be read now; the first write will say why.
      return NO_TAIL;
    }
  }

  #count(counter: number, by: number): void {
    this.#counters[counter]! += by;
  }
}
