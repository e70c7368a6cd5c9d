import path from "node:path";
import { ConfigError, DamagedWalError, type MissingFrames } from "@spillway/core";
import { errnoOf, readFile, SYSTEM_FILES, type WalFileOperations } from "./files.ts";
import { WAL_MAX_SEGMENT_BYTES } from "./layout.ts";
import type { WalDamage, WalMode, WalReport, WalSegmentReport } from "./report.ts";
import { type ScannedFrame, scanSegment } from "./scan-segment.ts";
import { type FoundSegment, type Survey, surveyWal } from "./survey.ts";

const MODES: readonly WalMode[] = ["tolerate-tail", "point-in-time", "skip-corrupt", "absolute"];

export interface WalFrame {
  readonly seq: number;
  readonly tag: number;
  /** A view of the segment's bytes, which it keeps in memory: copy what is kept for long. */
  readonly payload: Buffer;
}

export interface WalReadOptions {
  /** Default `tolerate-tail`. */
  readonly mode?: WalMode;
  readonly files?: WalFileOperations;
}

/**
 * The frames of a log that are not pruned, by number, each number once. Nothing is changed: reading again gives the
 * same. Damage is reported, not thrown, except in the mode `absolute`.
 */
export function readWal(log: string, options: WalReadOptions = {}): WalReading {
  const { mode = "tolerate-tail", files = SYSTEM_FILES } = options;
  const problems: string[] = [];
  if (typeof log !== "string" || log === "") problems.push("path: expected the path of a log");
  if (!MODES.includes(mode)) problems.push(`mode: expected one of ${MODES.join(", ")}`);
  if (problems.length > 0) throw new ConfigError(problems);
  return new WalReading(log, mode, files);
}

/** Iterating reads from the disk, each time anew. */
export class WalReading implements Iterable<WalFrame> {
  readonly #log: string;
  readonly #mode: WalMode;
  readonly #fs: WalFileOperations;
  #report: WalReport | undefined;

  constructor(log: string, mode: WalMode, fs: WalFileOperations) {
    this.#log = log;
    this.#mode = mode;
    this.#fs = fs;
  }

  /** Of the last iteration that came to its end; without one, all is read for it. */
  get report(): WalReport {
    if (this.#report === undefined) for (const _ of this);
    return this.#report!;
  }

  *[Symbol.iterator](): Generator<WalFrame, void> {
    if (this.#mode === "absolute") this.#refuseDamage();
    this.#report = yield* new Pass(this.#log, this.#mode, this.#fs).frames();
  }

  #refuseDamage(): void {
    const pass = new Pass(this.#log, "skip-corrupt", this.#fs).frames();
    let step = pass.next();
    while (!step.done) step = pass.next();
    const { damage, missing } = step.value;
    if (damage.length + missing.length > 0) throw new DamagedWalError(this.#log, damage, missing);
  }
}

/** A segment that is being read, at its next frame. */
interface Open {
  readonly found: FoundSegment;
  readonly scan: Generator<ScannedFrame, void>;
  frame: ScannedFrame;
}

/**
 * One pass over a log. Segments overlap where a sync failed: what was not settled by then was written again to the next
 * one. So their frames are merged by number, and a number comes from the first segment in which it is whole.
 */
class Pass {
  readonly #folder: string;
  readonly #fs: WalFileOperations;
  readonly #survey: Survey;
  readonly #mode: WalMode;
  readonly #damage: WalDamage[];
  readonly #missing: MissingFrames[] = [];
  readonly #segments = new Map<FoundSegment, { bytes: number; frames: number; lastSeq: number }>();
  readonly #queue: FoundSegment[];
  #open: Open[] = [];

  constructor(log: string, mode: WalMode, fs: WalFileOperations) {
    this.#folder = path.dirname(log);
    this.#fs = fs;
    this.#mode = mode;
    this.#survey = surveyWal(log, fs);
    this.#damage = [...this.#survey.damage];
    this.#queue = [...this.#survey.segments];
  }

  *frames(): Generator<WalFrame, WalReport> {
    const { prunedTo } = this.#survey;
    let last = prunedTo;
    let [frames, duplicates, leftOut] = [0, 0, 0];
    let stoppedAt: WalReport["stoppedAt"];
    for (let at = this.#next(); at !== undefined; at = this.#next()) {
      const { found, frame } = at;
      const { seq, tag, payload } = frame;
      if (seq > last) {
        const isHole = this.#miss(last + 1, seq - 1);
        if (isHole && stoppedAt === undefined && this.#endsAt(found, seq)) {
          stoppedAt = { file: found.file, offset: frame.offset, seq };
        }
        last = seq;
        if (stoppedAt === undefined) {
          frames++;
          yield { seq, tag, payload };
        } else leftOut++;
      } else if (seq > prunedTo) duplicates++;
      this.#advance(at);
    }
    this.#miss(last + 1, this.#survey.settledTo);
    const { uuid } = this.#survey;
    const segments = this.#survey.segments.map((found) => this.#told(found));
    return {
      uuid,
      prunedTo,
      frames,
      duplicates,
      leftOut,
      lastSeq: last,
      stoppedAt,
      damage: this.#damage,
      missing: this.#missing,
      segments,
    };
  }

  /** The segment whose next frame has the least number. Segments are opened when theirs may be less. */
  #next(): Open | undefined {
    let least = this.#least();
    while (this.#queue.length > 0 && (least === undefined || this.#queue[0]!.base <= least.frame.seq)) {
      this.#start(this.#queue.shift()!);
      least = this.#least();
    }
    return least;
  }

  #least(): Open | undefined {
    let least: Open | undefined;
    for (const open of this.#open) if (least === undefined || open.frame.seq < least.frame.seq) least = open;
    return least;
  }

  #start(found: FoundSegment): void {
    const { file, header, base } = found;
    const sum = { bytes: 0, frames: 0, lastSeq: header === undefined ? 0 : header.firstSeq - 1 };
    this.#segments.set(found, sum);
    let bytes: Buffer;
    try {
      bytes = readFile(path.join(this.#folder, file), WAL_MAX_SEGMENT_BYTES, this.#fs).bytes;
    } catch (error) {
      this.#damage.push({ file, kind: "unreadable", from: 0, to: 0, errno: errnoOf(error) });
      return;
    }
    sum.bytes = bytes.length;
    const onDamage = (kind: WalDamage["kind"], from: number, to: number): void => {
      this.#damage.push({ file, kind, from, to });
    };
    const scan = scanSegment({ bytes, epoch: header?.epoch, base, onDamage });
    const first = scan.next();
    if (first.done) return;
    this.#open.push({ found, scan, frame: first.value });
  }

  #advance(at: Open): void {
    const sum = this.#segments.get(at.found)!;
    sum.frames++;
    sum.lastSeq = at.frame.seq;
    const { done, value } = at.scan.next();
    if (done || value === undefined) this.#open = this.#open.filter((open) => open !== at);
    else at.frame = value;
  }

  /** Notes what is missing of `from` to `to`; whether anything is. */
  #miss(from: number, to: number): boolean {
    const before = this.#missing.length;
    let rest = from;
    const excuses = this.#survey.givenUp.filter((range) => range.to >= from && range.from <= to);
    for (const excuse of excuses.sort((one, other) => one.from - other.from)) {
      if (excuse.from > rest) this.#missing.push({ from: rest, to: excuse.from - 1 });
      rest = Math.max(rest, excuse.to + 1);
    }
    if (rest <= to) this.#missing.push({ from: rest, to });
    return this.#missing.length > before;
  }

  /** Whether the mode ends in front of a frame that has a hole before it. */
  #endsAt(found: FoundSegment, seq: number): boolean {
    if (this.#mode === "point-in-time") return true;
    return this.#mode === "tolerate-tail" && seq !== found.header?.firstSeq;
  }

  #told(found: FoundSegment): WalSegmentReport {
    const { file, number, header } = found;
    return { file, number: header?.number ?? number, ...this.#segments.get(found)! };
  }
}
