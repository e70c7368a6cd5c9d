import {
  DROP_CLOSED,
  DROP_FULL,
  DROP_TIMEOUT,
  DROP_TOO_LARGE,
  ENGINE_CLOSED,
  ENTRY_CONFIG,
  FRAME_FAR,
  FRAME_RECORD,
  frameTag,
  PARKED,
} from "@spillway/core";
import type { Engine, OverflowWriter, TickMirror } from "@spillway/host";
import { ACCEPTED_BY_CLASS, dictionaryRegion, FULL, LaneCounters, Producer } from "@spillway/ring";
import { DictionaryWriter, Encoder, type Quota, Shapes, type Stringify, Texts } from "@spillway/wire";
import { CallClock } from "./call-clock.ts";
import { DropLedger } from "./drop-ledger.ts";
import { type FarFile, removeFarFile, writeFarFile } from "./far-file.ts";
import { Followers } from "./followers.ts";
import type { Level } from "./level-table.ts";
import { WhenFullPolicy } from "./when-full.ts";

/** What a claim asks for at least: most records are smaller, and one that is not moves out once, by copying. */
const CLAIM_BYTES = 1024;
/** A share of the ring, in powers of two, that only ERROR and above may use: they are dropped last. */
const RESERVE_SHIFT = 4;
const IMPORTANT = 50;
/** More than the head of an overflow segment and of a frame take. */
const SEGMENT_OVERHEAD = 8192;
/**
 * A logger's first records wake the worker whether it is parked or not, in so many turns of the event loop. V8 compiles only
 * what it has seen run: code that was optimized in a busy time would be thrown away by the first call that finds the
 * worker parked, which then took 400 us, and 500 calls after it 11 us each instead of 4.
 */
const REHEARSALS = 3;
/** A toJSON that logs, whose toJSON logs, ...: deeper than this, fields are left out. */
export const MAX_NESTING = 8;

/** A thread's writing end of an engine: its lane, its encoder, its counters. Hot path. */
export class LaneWriter {
  readonly engine: Engine;
  readonly dictionary: DictionaryWriter;
  readonly texts: Texts;
  readonly #producer: Producer;
  readonly #laneIndex: number;
  readonly #shapes: Shapes;
  readonly #stringify: Stringify;
  readonly #encoder: Encoder;
  /** The encoder of each nesting, made when it is first needed. */
  readonly #encoders: Encoder[] = [];
  readonly #clock: CallClock;
  readonly #counted: Float64Array;
  readonly #counters: LaneCounters;
  readonly #control: Int32Array;
  readonly #drops = new DropLedger();
  readonly #whenFull: WhenFullPolicy;
  readonly #configs = new Map<string, number>();
  readonly #configQuota: Quota;
  readonly #reserve: number;
  /** Where the lane's file is no mapping. */
  readonly #mirror: TickMirror | undefined;
  /** Undefined on nearly all lanes. */
  readonly #followers: Followers | undefined;
  /** Takes the records for which the lane has no room. */
  readonly #overflow: OverflowWriter | undefined;
  #overflowSeq = 0;
  /** Bytes of the frame of the last record that was written outside of the ring and copied there. */
  #framed = 0;
  /** What is in the overflow comes before what is logged next: until all of it is acked, nothing goes to the ring. */
  #isSpilling = false;
  #depth = 0;
  /** Inside of a record, or with drops to report: not the common way. */
  #isBusy = false;
  #lastConfig = 0;
  #isClosed = false;
  #hasWarned = false;
  /** 1: a parked worker is woken. 0: so is any other, for practice. */
  #wakeFrom = 0;

  constructor(engine: Engine, laneIndex: number, stringify: Stringify) {
    const { memory } = engine.share;
    this.engine = engine;
    this.#laneIndex = laneIndex;
    this.#producer = new Producer(memory, laneIndex);
    this.dictionary = new DictionaryWriter(dictionaryRegion(memory, laneIndex));
    const { capacity } = this.dictionary;
    this.#configQuota = { leftBytes: capacity / 4 };
    this.texts = new Texts(this.dictionary, { leftBytes: capacity / 2 });
    this.#shapes = new Shapes(this.dictionary, { leftBytes: capacity / 4 }, this.texts);
    this.#stringify = stringify;
    this.#encoder = this.#makeEncoder();
    this.#encoders.push(this.#encoder);
    this.#clock = new CallClock(memory);
    this.#counters = new LaneCounters(memory, laneIndex);
    this.#counted = this.#counters.values;
    this.#control = engine.control;
    this.#whenFull = new WhenFullPolicy(engine);
    this.#mirror = engine.mirrorOf(laneIndex);
    this.#followers = Followers.of(engine, laneIndex, this.#mirror);
    this.#overflow = engine.overflowOf(laneIndex);
    this.#reserve = this.#producer.capacity >> RESERVE_SHIFT;
  }

  /** The id of a configuration in this lane's dictionary; 0: the dictionary is full of configurations. */
  configId(entry: string): number {
    const known = this.#configs.get(entry);
    if (known !== undefined) return known;
    const id = this.dictionary.append(ENTRY_CONFIG, entry, this.#configQuota);
    if (id !== 0) this.#configs.set(entry, id);
    return id;
  }

  /** How many records are being written right now, one inside the other. */
  get depth(): number {
    return this.#depth;
  }

  /**
   * Opens a record; undefined: it was dropped, and counted. Then the caller writes fields and message through the
   * encoder, and must call `commit` or `abandon`.
   */
  open(level: Level, config: number, bindings: number): Encoder | undefined {
    if (this.#isBusy || this.#control[ENGINE_CLOSED] === 1) return this.#openSlowly(level, config, bindings, undefined);
    this.#lastConfig = config;
    const at = this.#producer.tryClaim(CLAIM_BYTES, this.#reserve);
    if (at === FULL) return this.#openSlowly(level, config, bindings, undefined);
    this.#isBusy = true;
    this.#depth = 1;
    const encoder = this.#encoder;
    encoder.begin(at, this.#producer.claimEnd, config, bindings, undefined);
    this.#clock.stamp(at >>> 3);
    return encoder;
  }

  /** The same, with bindings that have no id. */
  openInline(level: Level, config: number, bindingsText: string): Encoder | undefined {
    return this.#openSlowly(level, config, 0, bindingsText);
  }

  commit(encoder: Encoder, level: Level): void {
    const target = encoder.target;
    const length = target.length;
    this.#leave();
    if (target.isOutside) {
      if (!this.#publishOutside(encoder, level)) return;
    } else {
      this.#producer.commit(frameTag(FRAME_RECORD, level.index, 0), length);
    }
    this.#counted[ACCEPTED_BY_CLASS + level.counted]! += 1;
    // The record is committed before this looks: pairs with park() in drain/drain-loop.ts.
    if (Atomics.load(this.#control, PARKED) >= this.#wakeFrom) this.#wake(level);
    if (this.#followers !== undefined) this.#follow(encoder, level, length);
    if (this.engine.isInline) this.engine.drainHere(this.engine.share.options.maxBlockMs);
  }

  #follow({ target }: Encoder, level: Level, length: number): void {
    if (target.isOutside && this.#isSpilling) this.#followers?.beyondRing(level, target, this.#overflowSeq - 1);
    else {
      const framed = target.isOutside ? this.#framed : length;
      this.#followers?.inRing(level, target, framed, this.#producer.committedTo);
    }
  }

  /** Gives an opened record up: nothing of it was published. */
  abandon(): void {
    this.#leave();
    this.#producer.abort();
  }

  /** From now on calls of this thread are dropped as `closed`. */
  close(): void {
    this.#isClosed = true;
    this.#isBusy = true;
    this.#overflow?.close();
  }

  /** Resolves when the critical records of this thread are on the disk. */
  async durable(): Promise<void> {
    await this.#followers?.critical?.durable();
  }

  /** The end of the thread: what it has still to put into its lane, and onto the disk. */
  readonly finish = (): void => {
    this.reportDrops();
    this.#followers?.critical?.syncNow();
  };

  /** Lets go of the log of critical records, before the lane gets another owner. */
  async closeCritical(): Promise<void> {
    await this.#followers?.critical?.close();
  }

  /** Says in band what was dropped, if there is room. */
  readonly reportDrops = (): void => {
    if (this.#depth !== 0 || this.#drops.isEmpty || this.#lastConfig === 0 || this.#isSpilling) return;
    if (!this.#drops.report(this.engine.share.memory, this.#producer, this.#lastConfig, this.#reserve)) return;
    this.#isBusy = this.#isClosed || this.#isSpilling;
    this.engine.wakeIfParked();
  };

  #wake(level: Level): void {
    if (level.value >= IMPORTANT) this.engine.wakeIfParked();
    else this.engine.wakeLater();
    if (this.#wakeFrom === 0 && this.engine.wakes >= REHEARSALS) this.#wakeFrom = 1;
  }

  #leave(): void {
    this.#depth--;
    this.#isBusy = this.#depth > 0 || this.#isClosed || this.#isSpilling || !this.#drops.isEmpty;
  }

  #openSlowly(level: Level, config: number, bindings: number, bindingsText: string | undefined): Encoder | undefined {
    if (this.#isClosed || this.engine.isClosed) {
      this.#drop(DROP_CLOSED, level);
      return undefined;
    }
    if (this.#isSpilling && this.#overflow?.isEmpty === true) this.#isSpilling = false;
    this.reportDrops();
    this.#lastConfig = config;
    if (this.#depth !== 0) return this.#openInside(config, bindings, bindingsText);
    const encoder = this.#encoder;
    const least = CLAIM_BYTES + (bindingsText?.length ?? 0) * 3;
    const isFar = least > this.#producer.maxPayload;
    const at = isFar || this.#isSpilling ? FULL : this.#claim(least, level);
    if (at !== FULL) {
      encoder.begin(at, this.#producer.claimEnd, config, bindings, bindingsText);
      this.#clock.stamp(at >>> 3);
    } else if (isFar || this.#isSpilling) {
      encoder.beginOutside(this.#clock.now(), config, bindings, bindingsText);
    } else {
      return undefined;
    }
    this.#isBusy = true;
    this.#depth = 1;
    return encoder;
  }

  /** A record inside of another: the outer one leaves the ring to it and comes back when it is whole. */
  #openInside(config: number, bindings: number, bindingsText: string | undefined): Encoder {
    this.#encoders[this.#depth - 1]!.target.leaveRing();
    this.#producer.abort();
    let encoder = this.#encoders[this.#depth];
    if (encoder === undefined) {
      encoder = this.#makeEncoder();
      this.#encoders.push(encoder);
    }
    encoder.beginOutside(this.#clock.now(), config, bindings, bindingsText);
    this.#depth++;
    return encoder;
  }

  #publishOutside(encoder: Encoder, level: Level): boolean {
    const target = encoder.target;
    const length = target.length;
    const isFar = length > this.#producer.maxPayload;
    const far = isFar ? this.#writeFar(target.written()) : undefined;
    if (isFar && far === undefined) {
      target.close();
      this.#drop(DROP_TOO_LARGE, level);
      return false;
    }
    const payload = far === undefined ? length : far.frame.length;
    const at = this.#isSpilling ? FULL : this.#claim(payload, level);
    if (at === FULL && this.#isSpilling) {
      const isTaken = this.#spill(far === undefined ? target.written() : far.frame, far !== undefined, level);
      if (!isTaken && far !== undefined) removeFarFile(far.path);
      target.close();
      return isTaken;
    }
    if (at !== FULL) {
      if (far === undefined) target.copyTo(at);
      else new Uint8Array(this.engine.share.memory, at, payload).set(far.frame);
      this.#producer.commit(frameTag(far === undefined ? FRAME_RECORD : FRAME_FAR, level.index, 0), payload);
      this.#framed = payload;
    } else if (far !== undefined) {
      removeFarFile(far.path);
    }
    target.close();
    return at !== FULL;
  }

  #writeFar(payload: Uint8Array): FarFile | undefined {
    try {
      return writeFarFile(payload, this.engine.share.sinks, this.#laneIndex);
    } catch {
      return undefined;
    }
  }

  /** Puts a finished record behind the others that did not fit into the ring. False: it was dropped, and counted. */
  #spill(payload: Uint8Array, isFar: boolean, level: Level): boolean {
    const overflow = this.#overflow!;
    const kept = level.value < this.engine.share.options.dropBelow ? overflow.cap >> RESERVE_SHIFT : 0;
    if (overflow.bytes + payload.length + SEGMENT_OVERHEAD > overflow.cap - kept) {
      this.#drop(DROP_FULL, level);
      return false;
    }
    const tag = frameTag(isFar ? FRAME_FAR : FRAME_RECORD, level.index, 0);
    this.#mirror?.copyFirst();
    if (overflow.append(tag, this.#overflowSeq, payload) !== "ok") {
      this.#drop(DROP_FULL, level);
      return false;
    }
    this.#overflowSeq = (this.#overflowSeq + 1) | 0;
    return true;
  }

  /** Room for `length` bytes, after what `whenFull` says is to be done about it; FULL: dropped and counted. */
  #claim(length: number, level: Level): number {
    const producer = this.#producer;
    const reserve = level.value >= IMPORTANT ? 0 : this.#reserve;
    // What cannot be had even of an empty ring together with the reserve takes from the reserve.
    const kept = length + reserve > producer.maxPayload ? 0 : reserve;
    let at = producer.tryClaim(length, kept);
    if (at !== FULL) return at;
    if (this.#overflow !== undefined && !this.engine.isInline) {
      this.engine.wakeIfParked();
      this.#isSpilling = true;
      // The next call may be told by nothing else: this record may have been left before it was published.
      this.#isBusy = true;
      return FULL;
    }
    const waited = this.#whenFull.begin();
    while (at === FULL) {
      if (!this.#whenFull.wait(waited)) {
        this.#drop(this.engine.share.options.whenFull === "drop" ? DROP_FULL : DROP_TIMEOUT, level);
        return FULL;
      }
      at = producer.tryClaim(length, kept);
    }
    return at;
  }

  #drop(reason: number, level: Level): void {
    this.#counters.drop(reason, level.counted);
    if (reason === DROP_CLOSED) this.#warnClosed();
    else {
      this.#drops.note(reason, level.counted, this.reportDrops);
      this.#isBusy = true;
    }
  }

  #warnClosed(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.engine.trouble("logged after shutdown(): the record is dropped, and counted as `closed`");
  }

  #makeEncoder(): Encoder {
    return new Encoder(this.engine.share.memory, this.#shapes, this.texts, this.#stringify);
  }
}
