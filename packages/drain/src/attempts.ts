import {
  ATTEMPT_ALONE,
  ATTEMPT_IN_DOUBT,
  ATTEMPT_OVERFLOW,
  ATTEMPT_READING,
  ATTEMPT_UNDER_WAY,
  AttemptWords,
  isBefore,
} from "@spillway/ring";
import type { Source } from "./lane.ts";
import type { LaneNotes } from "./lane-notes.ts";

/** What a death counts that was a worker's: its process has survived it, so that it was the worker's own doing. */
const WORKER_DIED = 3;
/** The process died: of that record, perhaps, but most are killed, or end, for reasons that have nothing to do with it. */
const PROCESS_DIED = 1;
/**
 * A frame that was alone under way at deaths that count so much, one after the other, of the same thing, is not tried
 * again: two workers, or six processes.
 */
const DEADLY = 6;
/**
 * How long frames in doubt are taken one by one; then two by two for as long again, and so on: should workers go on dying
 * of something else, the drain must keep up between their deaths, and a sink that is slow for every write must not become
 * a thousand times as slow because one died.
 */
const PACE_MS = 20;
/** The same where it may be processes that die. */
const REPLAY_PACE_MS = 1000;
/** As the end of frames in doubt where nobody knows how many there are: half of all positions. */
const FAR_AHEAD = 2 ** 30;

/** How many frames may be taken together next, and what is known of the first of them. */
export interface Caution {
  /** Where the batch must end at the latest. */
  readonly until: number;
  readonly frames: number;
  /** Undefined: nobody died of it so often that it must be left out. ATTEMPT_READING, or 1 + the sink that died of it. */
  readonly deadlyAt: number | undefined;
  /** Whether that was found out just now. */
  readonly isNew: boolean;
}

/**
 * Which frames of a source were under way when whoever drained it died. Those are taken one at a time: a frame that is
 * alone under way at two deaths in a row, with nothing of the source acked in between, is what the drain dies of.
 *
 * What is done to frames by built-in sinks is no attempt: they run no code of anybody else, and a worker that is ended from
 * outside spends its time there. A sink that throws is no death: it is asked again (carrier.ts).
 *
 * Costs five plain stores per batch, and as many per batch and sink of the user's own; of a lane that is replayed two
 * writes of 16 bytes besides.
 */
export class Attempts {
  readonly #words: AttemptWords;
  readonly #notes: LaneNotes;
  readonly #overflow: number;
  /** Whether this carrier is the one to note what is done: of several that share a lane, each to one sink, none is. */
  readonly #isNoting: boolean;
  readonly #paceMs: number;
  /** Frames in doubt: from where they begin, to where they end. */
  #isInDoubt = false;
  #from = 0;
  #to = 0;
  /** What the deaths with the frame at `#from` alone count for, and what was being done with it. */
  #deaths = 0;
  /** It is more than it was. */
  #isWorse = false;
  #at = ATTEMPT_READING;
  /** How many are taken together, and since when (performance.now()). */
  #frames = 1;
  #since = 0;
  /** Of what is under way now. */
  #startsAt = 0;
  #endsAt = 0;

  constructor(memory: SharedArrayBuffer, lane: number, isOverflow: boolean, notes: LaneNotes, isNoting: boolean) {
    this.#words = new AttemptWords(memory, lane);
    this.#notes = notes;
    this.#overflow = isOverflow ? ATTEMPT_OVERFLOW : 0;
    this.#isNoting = isNoting;
    this.#paceMs = notes.isReplayed ? REPLAY_PACE_MS : PACE_MS;
  }

  /** Learns what the holder of the role before left, once. `ackedTo`: what is before it is in doubt no more. */
  takeUp(ackedTo: number): void {
    const left = this.#words.read();
    if (left === undefined || (left.flags & ATTEMPT_OVERFLOW) !== this.#overflow) return;
    if (isBefore(left.from, ackedTo)) return;
    const hasDied = (left.flags & ATTEMPT_UNDER_WAY) !== 0;
    const isAlone = (left.flags & ATTEMPT_ALONE) !== 0;
    this.#isInDoubt = true;
    this.#from = left.from;
    this.#to = left.to === left.from ? (left.from + FAR_AHEAD) >>> 0 : left.to;
    this.#at = left.at;
    const more = hasDied ? (left.isOwn ? WORKER_DIED : PROCESS_DIED) : 0;
    this.#deaths = isAlone ? left.deaths + more : 0;
    this.#isWorse = left.deaths < DEADLY;
    this.#since = performance.now();
    // That death is counted: should death come again before the next attempt, it was not of these frames.
    if (this.#isNoting) this.#rest();
  }

  /** What to be careful of with the batch that begins at `position`; undefined: nothing. */
  cautionAt(position: number): Caution | undefined {
    if (!this.#isInDoubt) return undefined;
    // Some sink has less than the others, and gets what it lacks first.
    if (isBefore(position, this.#from))
      return { until: this.#from, frames: Number.POSITIVE_INFINITY, deadlyAt: undefined, isNew: false };
    if (position !== this.#from) this.#deaths = 0;
    if (!isBefore(position, this.#to)) {
      this.#isInDoubt = false;
      if (this.#isNoting) this.#rest();
      return undefined;
    }
    this.#from = position;
    const frames = this.#deaths > 0 ? 1 : this.#frames;
    const deadlyAt = this.#deaths >= DEADLY ? this.#at : undefined;
    return { until: this.#to, frames, deadlyAt, isNew: this.#isWorse };
  }

  /** The source is about to be read, up to `to` at most. */
  beginReading({ drainedTo, committedTo }: Source): void {
    this.#startsAt = drainedTo;
    this.#endsAt = this.#isInDoubt ? this.#to : committedTo;
    this.#begin(ATTEMPT_READING);
  }

  /** Where the frames end that were read. */
  endReading(endsAt: number): void {
    if (!this.#isInDoubt) this.#endsAt = endsAt;
    this.end();
  }

  /** A sink of the user's own, by its number, is about to be given what was read. */
  beginWriting(sink: number): void {
    this.#begin(sink + 1);
  }

  /** What was begun has been survived. */
  end(): void {
    if (this.#isNoting) this.#rest();
  }

  /** All sinks have what was read. */
  done(endsAt: number): void {
    if (!this.#isInDoubt || isBefore(endsAt, this.#from) || endsAt === this.#from) return;
    this.#from = endsAt;
    this.#deaths = 0;
    if (performance.now() - this.#since > this.#paceMs * (1 + Math.log2(this.#frames))) this.#frames *= 2;
    if (this.#isNoting) this.#rest();
  }

  #begin(at: number): void {
    if (!this.#isNoting) return;
    const isFirst = this.#isInDoubt && this.#startsAt === this.#from;
    const alone = isFirst && (this.#frames === 1 || this.#deaths > 0) ? ATTEMPT_ALONE : 0;
    const deaths = isFirst && at === this.#at ? this.#deaths : 0;
    const flags = ATTEMPT_UNDER_WAY | alone | this.#overflow | (this.#isInDoubt ? ATTEMPT_IN_DOUBT : 0);
    this.#words.store(flags, at, deaths, this.#startsAt, this.#endsAt);
    this.#notes.attempt();
  }

  /** Nothing is under way. */
  #rest(): void {
    if (!this.#isInDoubt) this.#words.clear();
    else {
      const alone = this.#deaths > 0 ? ATTEMPT_ALONE : 0;
      this.#words.store(alone | this.#overflow | ATTEMPT_IN_DOUBT, this.#at, this.#deaths, this.#from, this.#to);
    }
    this.#notes.attempt();
  }
}
