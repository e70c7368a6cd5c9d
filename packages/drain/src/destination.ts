import {
  CONTROL_BYTES,
  type NamedSinkSpec,
  SINK_BYTES,
  SINK_COUNTER_BASE,
  SINK_COUNTERS,
  SINK_ERRORS,
  SINK_QUARANTINED,
  SINK_UNCERTAIN,
  SINK_WRITES,
  type Sink,
  type SinkExtent,
} from "@spillway/core";
import { CommitSlots, isBefore, laneCount } from "@spillway/ring";
import { openSink } from "@spillway/sinks";
import type { Batch } from "./batch.ts";
import { beginLine } from "./begin-line.ts";
import type { LaneNotes } from "./lane-notes.ts";
import { withoutWritten } from "./written.ts";

interface Interrupted {
  offset: number;
  readonly identity: number;
  tail?: Uint8Array;
}

const NEWLINE = 0x0a;
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
  /** Its number among the engine's sinks. */
  readonly index: number;
  /** Whether it runs code of the user's own. */
  readonly isOwn: boolean;
  readonly #named: NamedSinkSpec;
  #sink: Sink | undefined;
  readonly #slots: CommitSlots[];
  readonly #notes: readonly LaneNotes[];
  readonly #counters: Float64Array;
  /** Per lane: the position up to which this sink has its frames. */
  readonly #hasTo: number[];
  /** Even; the turn of a write that has begun is one more. */
  #turn = 0;
  /** The lane that was written last. */
  #lastLane = -1;
  /** A write that was cut short where one can look, until everything of it that arrived has been replayed. */
  #interrupted: Interrupted | undefined;
  /** A write was cut short where nobody can look. */
  #isUncertain = false;
  /** Where it ended after our last write: where it ends there still, its last line is whole. */
  #after: SinkExtent | undefined;
  /** What is being offered to the sink: after a failure the same bytes again, from the same commit on. */
  #offered: { readonly batch: Batch; readonly text: Uint8Array } | undefined;

  constructor(
    memory: SharedArrayBuffer,
    index: number,
    named: NamedSinkSpec,
    ackedTo: readonly number[],
    notes: readonly LaneNotes[],
  ) {
    this.name = named.name;
    this.index = index;
    this.isOwn = named.spec.type === "module";
    this.#named = named;
    this.#counters = new Float64Array(memory, 0, CONTROL_BYTES / 8).subarray(
      SINK_COUNTER_BASE + index * SINK_COUNTERS,
      SINK_COUNTER_BASE + (index + 1) * SINK_COUNTERS,
    );
    const lanes = laneCount(memory);
    this.#slots = Array.from(
      { length: lanes * 2 },
      (_, lane) => new CommitSlots(memory, lane % lanes, index, lane >= lanes),
    );
    this.#notes = notes;
    this.#hasTo = [...ackedTo];
    this.#open();
    this.#resume();
  }

  /** The lane that must go first, because its last write may have been cut short; -1: any. */
  get resumesWith(): number {
    return this.#isUncertain || this.#interrupted !== undefined ? this.#lastLane : -1;
  }

  /** Whether the last write was cut short where nobody can look how much of it arrived. */
  get isUncertain(): boolean {
    return this.#isUncertain;
  }

  /** All that could be part of the write that was cut short has been replayed; what else stands there is not ours. */
  endResume(): void {
    this.#isUncertain = false;
    this.#interrupted = undefined;
    // The slot keeps its odd turn; the next write, on whatever lane, must not share it.
    this.#turn += 2;
  }

  hasTo(lane: number): number {
    return this.#hasTo[lane]!;
  }

  /** Writes a batch, or throws and has to be given the same batch again. */
  write(batch: Batch): void {
    const lane = batch.laneIndex;
    // It has these already: after a takeover the others may need them still.
    if (isBefore(batch.startsAt, this.#hasTo[lane]!)) return;
    this.#sink ??= openSink(this.#named);
    const sink = this.#sink;
    const slots = this.#slots[lane]!;
    const { delivered } = slots;
    // A batch that failed half-way is in the destination half: its commit must stay the one from before that half.
    if (this.#offered?.batch !== batch) this.#offered = { batch, text: this.#offer(batch, sink, delivered) };
    const { text } = this.#offered;
    if (text.length > 0) sink.write(text, batch.records);
    this.#offered = undefined;
    const given = delivered + batch.records - batch.quarantined;
    if (this.#interrupted === undefined) {
      this.#turn += 2;
      const after = extentNow(sink);
      this.#after = after;
      this.#commit(lane, this.#turn, batch.endsAt, batch.endsWith, after?.length ?? -1, after?.identity ?? 0, given);
    } else {
      // More of the write that was cut short is there: still odd, so that the next one looks for it too.
      const { offset, identity } = this.#interrupted;
      this.#commit(lane, this.#turn + 1, batch.endsAt, batch.endsWith, offset, identity, given);
    }
    this.#hasTo[lane] = batch.endsAt;
    this.#count(SINK_BYTES, text.length);
    this.#count(SINK_WRITES, 1);
    this.#count(SINK_QUARANTINED, batch.quarantined);
  }

  countError(): void {
    this.#count(SINK_ERRORS, 1);
  }

  close(): void {
    this.#sink?.close();
    this.#sink = undefined;
  }

  /** Notes that a write begins, and answers which bytes of the batch are not in the destination yet. */
  #offer(batch: Batch, sink: Sink, delivered: number): Uint8Array {
    const text = batch.text.bytes.subarray(0, batch.bytes);
    const rest = this.#withoutTail(batch, text, sink);
    if (rest !== undefined) return rest;
    let before = sink.extent();
    if (before !== undefined && !isSame(before, this.#after) && beginLine(sink)) before = sink.extent();
    this.#commit(
      batch.laneIndex,
      this.#turn + 1,
      batch.startsAt,
      batch.startsWith,
      before?.length ?? -1,
      before?.identity ?? 0,
      delivered,
    );
    this.#lastLane = batch.laneIndex;
    return text;
  }

  /**
   * Of a batch that follows a death in the middle of a write: the bytes that are not in the destination yet; undefined
   * for every other. The commit that is there stays in force until the batch is whole, should death come twice.
   */
  #withoutTail(batch: Batch, text: Uint8Array, sink: Sink): Uint8Array | undefined {
    if (batch.laneIndex !== this.#lastLane) return undefined;
    if (this.#isUncertain) {
      this.#isUncertain = false;
      this.#count(SINK_UNCERTAIN, batch.records);
      return undefined;
    }
    const interrupted = this.#interrupted;
    if (interrupted === undefined) return undefined;
    interrupted.tail ??= writtenBehind(sink, interrupted);
    const { rest, tail, pieces } = withoutWritten(interrupted.tail, text);
    for (const { from, to } of pieces) blank(sink, interrupted, from, to);
    interrupted.offset += interrupted.tail.length - tail.length;
    interrupted.tail = tail;
    // All of the batch is there, and something behind it that may be the next one.
    if (rest.length > 0 || tail.length === 0) this.#interrupted = undefined;
    return rest === text ? undefined : rest;
  }

  #commit(
    lane: number,
    turn: number,
    position: number,
    seq: number,
    offset: number,
    identity: number,
    delivered: number,
  ): void {
    this.#slots[lane]!.store(turn, position, offset, identity, delivered, seq);
    this.#notes[lane % this.#notes.length]!.copy();
  }

  /** So that the file is there before the first record is; why it is not, the first write says. */
  #open(): void {
    try {
      this.#sink = openSink(this.#named);
      this.#sink.extent();
    } catch {
      // Tried again at the first write.
    }
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
    this.#turn--;
    if (offset < 0) this.#isUncertain = true;
    else this.#interrupted = { offset, identity };
  }

  #count(counter: number, by: number): void {
    this.#counters[counter]! += by;
  }
}

function isSame(one: SinkExtent, other: SinkExtent | undefined): boolean {
  return one.length === other?.length && one.identity === other.identity;
}

/** A piece of a line that is written anew elsewhere: white space in front of another's line, or an empty object alone. */
function blank(sink: Sink, { offset, tail }: Interrupted, from: number, to: number): void {
  const isAlone = tail![to] === NEWLINE;
  const bytes = Buffer.alloc(to - from, " ");
  if (isAlone) bytes.write("{}");
  try {
    sink.overwrite?.(offset + from, bytes);
  } catch {
    // It stays: what matters is that the line is written.
  }
}

/** What stands in the destination behind a write's beginning. Throws when that cannot be read now. */
function writtenBehind(sink: Sink, begun: { readonly offset: number; readonly identity: number }): Uint8Array {
  const now = sink.extent();
  if (now === undefined || now.identity !== begun.identity) return NO_TAIL;
  if (now.length <= begun.offset || now.length - begun.offset > MAX_TAIL_BYTES) return NO_TAIL;
  return sink.tail(begun.offset);
}

/** Where the destination stands after a write. It is written: a look that fails must not make it be written again. */
function extentNow(sink: Sink): SinkExtent | undefined {
  try {
    return sink.extent();
  } catch {
    return undefined;
  }
}
