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

/** A frame that was alone under way at so many deaths, one after the other, of the same thing, is not tried again. */
const DEATHS = 2;
/**
 * Of processes that nobody saw die it takes more. A process is killed for many reasons, often at the same moment of its
 * life, and what it recovers first takes it some milliseconds: nothing is warm.
 */
const PROCESSES = 8;
/**
 * How long frames in doubt are taken one by one; then four by four for as long again, and so on: should workers go on dying
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
 * What a process dies of that is killed nobody can tell. So a death counts in full where the process lived on, or ended
 * from within the attempt, and little where all that is left is a file that says what was under way.
 *
 * What is done to frames by built-in sinks is no attempt: they run no code of anybody else, and a worker that is ended from
 * outside spends its time there. A sink that throws is no death: it is asked again (carrier.ts).
 *
 * Costs six plain stores per batch, and as many per batch and sink of the user's own.
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
  /** The deaths with the frame at `#from` alone, and what was being done with it. */
  #deaths = 0;
  #processes = 0;
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
    this.#deaths = isAlone ? left.deaths + (hasDied && left.isOurs ? 1 : 0) : 0;
    this.#processes = isAlone ? left.processes + (hasDied && !left.isOurs ? 1 : 0) : 0;
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
    if (position !== this.#from) this.#forget();
    if (!isBefore(position, this.#to)) {
      this.#isInDoubt = false;
      if (this.#isNoting) this.#words.clear();
      return undefined;
    }
    this.#from = position;
    const frames = this.#hasKilled ? 1 : this.#frames;
    const isDeadly = this.#deaths >= DEATHS || this.#processes >= PROCESSES;
    const isNew = this.#deaths === DEATHS || this.#processes === PROCESSES;
    return { until: this.#to, frames, deadlyAt: isDeadly ? this.#at : undefined, isNew };
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
    if (!this.#isNoting) return;
    underWay = undefined;
    this.#rest();
    this.#notes.attempt();
  }

  /** The thread ends the process from within what was begun: nobody has to guess what it died of. */
  endsProcess(): void {
    const left = this.#words.read();
    if (left === undefined || (left.flags & ATTEMPT_UNDER_WAY) === 0) return;
    const { flags, at, deaths, processes, from, to } = left;
    const seen = (flags & ATTEMPT_ALONE) !== 0 ? deaths + 1 : 0;
    this.#words.store((flags & ~ATTEMPT_UNDER_WAY) | ATTEMPT_IN_DOUBT, at, seen, processes, from, to);
    this.#notes.attempt();
  }

  /** All sinks have what was read. */
  done(endsAt: number): void {
    if (!this.#isInDoubt || isBefore(endsAt, this.#from) || endsAt === this.#from) return;
    this.#from = endsAt;
    this.#forget();
    if (performance.now() - this.#since > this.#paceMs * (1 + Math.log2(this.#frames) / 2)) this.#frames *= 4;
    if (this.#isNoting) this.#rest();
  }

  #begin(at: number): void {
    if (!this.#isNoting) return;
    const isFirst = this.#isInDoubt && this.#startsAt === this.#from;
    const alone = isFirst && (this.#frames === 1 || this.#hasKilled) ? ATTEMPT_ALONE : 0;
    const isSame = isFirst && at === this.#at;
    const deaths = isSame ? this.#deaths : 0;
    const processes = isSame ? this.#processes : 0;
    const flags = ATTEMPT_UNDER_WAY | alone | this.#overflow | (this.#isInDoubt ? ATTEMPT_IN_DOUBT : 0);
    this.#words.store(flags, at, deaths, processes, this.#startsAt, this.#endsAt);
    this.#notes.attempt();
    underWay = this;
  }

  /** Nothing is under way. */
  #rest(): void {
    if (!this.#isInDoubt) this.#words.clear();
    else {
      const flags = (this.#hasKilled ? ATTEMPT_ALONE : 0) | this.#overflow | ATTEMPT_IN_DOUBT;
      this.#words.store(flags, this.#at, this.#deaths, this.#processes, this.#from, this.#to);
    }
  }

  get #hasKilled(): boolean {
    return this.#deaths + this.#processes > 0;
  }

  #forget(): void {
    this.#deaths = 0;
    this.#processes = 0;
  }
}

/** On this thread: what has been begun and not survived yet. */
let underWay: Attempts | undefined;

/** In the `exit` event of a thread. Whoever is under way then has called process.exit itself, or thrown. */
export function noteExit(): void {
  underWay?.endsProcess();
  underWay = undefined;
}
