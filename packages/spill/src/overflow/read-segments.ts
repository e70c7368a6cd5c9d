import { DamagedFrameError, FRAME_ALIGNMENT } from "@spillway/core";
import { NODE_FILES, type OverflowFiles } from "./files.ts";
import type { SegmentIdentity } from "./header.ts";
import { OVERFLOW_ACK_OFFSETS, OVERFLOW_BLOCK_BYTES, OVERFLOW_HEADER_BYTES, overflowFrameBytes } from "./layout.ts";
import type { DamageKind, RecoveryMode, SegmentDamage, SegmentItem, SegmentSummary } from "./recovery-mode.ts";
import { ackedIn, type KnownSegment, readHeaders, type StreamContents } from "./stream.ts";
import { CUT_SHORT, ONLY_ZEROS, SegmentWindow } from "./window.ts";

export interface ReadSegmentsOptions {
  readonly mode?: RecoveryMode;
  /** From the last ack on, or all that is in the files. */
  readonly from?: "acked" | "start";
  readonly files?: OverflowFiles;
}

/**
 * Reads the segments of one stream whose writer is dead, from the files alone: frames in order, damage where it is met.
 * Always ends. Throws in the mode `absolute` only; then a DamagedFrameError.
 */
export function* readSegments(
  paths: readonly string[],
  options: ReadSegmentsOptions = {},
): Generator<SegmentItem, SegmentSummary, undefined> {
  const reading = new Reading(options);
  yield* reading.all(paths);
  return reading.summary;
}

/** An answer, not an error: `point-in-time` has met damage. */
const STOP = Symbol("stop");

class Reading {
  readonly #files: OverflowFiles;
  readonly #mode: RecoveryMode;
  readonly #isFromStart: boolean;
  #frames = 0;
  #acked = 0;
  /** Up to here everything came out or was reported. */
  #position = 0;
  #endsAt = 0;

  constructor({ mode, from, files }: ReadSegmentsOptions) {
    this.#files = files ?? NODE_FILES;
    this.#mode = mode ?? "tolerate-tail";
    this.#isFromStart = from === "start";
  }

  get summary(): SegmentSummary {
    return { frames: this.#frames, ackedTo: this.#acked, endsAt: this.#endsAt };
  }

  *all(paths: readonly string[]): Generator<SegmentItem, void, undefined> {
    const contents = readHeaders(this.#files, [...paths].sort());
    const segments = ofOneStream(contents.segments);
    this.#acked = ackedIn(segments);
    this.#position = this.#isFromStart ? (segments[0]?.identity.start ?? 0) : this.#acked;
    this.#endsAt = this.#position;
    if ((yield* this.#headers(contents, segments)) === STOP) return;
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1]?.identity;
      if (next !== undefined && next.start <= this.#position) continue;
      if ((yield* this.#segment(segment, next)) === STOP) return;
    }
  }

  /** Blocks of headers cost no frame as long as the other copy is there; only files do that are of no use at all. */
  *#headers({ segments, unreadable }: StreamContents, used: readonly KnownSegment[]): Steps {
    for (const { path, bytes, error } of unreadable) {
      // Created, and its writer died before there was a header: the end of a stream, not damage to it.
      const what = error === undefined && bytes < OVERFLOW_HEADER_BYTES ? "tail" : "unreadable";
      if ((yield* this.#damage(what, path, 0, bytes)) === STOP) return STOP;
    }
    for (const segment of segments) {
      const { path, bytes, header } = segment;
      if (!used.includes(segment)) {
        if ((yield* this.#damage("foreign", path, 0, bytes)) === STOP) return STOP;
        continue;
      }
      if (bytes < OVERFLOW_HEADER_BYTES) {
        if ((yield* this.#damage("tail", path, 0, bytes)) === STOP) return STOP;
        continue;
      }
      for (const block of header.damaged) {
        const what = OVERFLOW_ACK_OFFSETS.includes(block) ? "ack" : "header";
        yield this.#say(what, path, block, block + OVERFLOW_BLOCK_BYTES);
      }
    }
    return undefined;
  }

  /** The frames of one segment, which ends where the next one begins: what stands behind that was given up. */
  *#segment(segment: KnownSegment, next: SegmentIdentity | undefined): Steps {
    const { path, identity } = segment;
    const { start } = identity;
    if (start > this.#position) {
      if ((yield* this.#damage("missing", undefined, this.#position, start)) === STOP) return STOP;
      this.#position = start;
    }
    let offset = Math.max(this.#position - start, OVERFLOW_HEADER_BYTES);
    const window = this.#open(segment);
    if (window === undefined) return yield* this.#damage("unreadable", path, 0, segment.bytes);
    try {
      const end = Math.min(segment.bytes, next === undefined ? segment.bytes : next.start - start);
      // Of a segment whose successor is gone, nobody knows where it ended.
      const due = next?.number === identity.number + 1 ? next.start - start : end;
      while (offset < end) {
        const length = window.frameAt(offset, end);
        if (length < 0) {
          const whole = yield* this.#atDamage(window, length, offset, end, next === undefined);
          if (whole === STOP) return STOP;
          offset = whole ?? end;
          continue;
        }
        this.#frames++;
        const from = window.payloadAt(offset);
        const payload = window.bytes.subarray(from, from + length);
        const position = start + offset;
        offset += overflowFrameBytes(length);
        this.#position = start + offset;
        this.#endsAt = this.#position;
        yield { kind: "frame", path, position, tag: window.tag, seq: window.seq, payload };
      }
      return offset < due ? yield* this.#damage("missing", path, offset, due) : undefined;
    } catch (error) {
      if (error instanceof DamagedFrameError) throw error;
      return yield* this.#damage("unreadable", path, offset, segment.bytes);
    } finally {
      window.close();
      if (next?.number === identity.number + 1) this.#position = next.start;
    }
  }

  /** Answers where to go on, undefined: with the next segment. */
  *#atDamage(window: SegmentWindow, problem: number, offset: number, end: number, isLast: boolean): Search {
    const { path } = window.segment;
    const found = window.search(offset + FRAME_ALIGNMENT, end);
    const isTorn = found === undefined && isLast && (problem === CUT_SHORT || problem === ONLY_ZEROS);
    const to = this.#mode === "skip-corrupt" ? (found ?? end) : end;
    const what = isTorn ? "tail" : "frame";
    if ((yield* this.#damage(what, path, offset, to)) === STOP) return STOP;
    return this.#mode === "skip-corrupt" ? found : undefined;
  }

  /** Reports, and answers STOP where the mode has read enough. */
  *#damage(what: DamageKind, path: string | undefined, from: number, to: number): Steps {
    yield this.#say(what, path, from, to);
    return this.#mode === "point-in-time" && what !== "tail" && what !== "foreign" ? STOP : undefined;
  }

  #say(what: DamageKind, path: string | undefined, from: number, to: number): SegmentDamage {
    if (this.#mode === "absolute") throw new DamagedFrameError(`${what} in ${path ?? "a segment that is gone"}`, from);
    return { kind: "damage", what, path, from, to };
  }

  #open(segment: KnownSegment): SegmentWindow | undefined {
    try {
      return new SegmentWindow(this.#files, segment);
    } catch {
      return undefined;
    }
  }
}

type Steps = Generator<SegmentItem, typeof STOP | undefined, undefined>;
type Search = Generator<SegmentItem, typeof STOP | number | undefined, undefined>;

/** The segments of the stream that has most of them, one for each number, their starts in order. */
function ofOneStream(segments: readonly KnownSegment[]): KnownSegment[] {
  const streams = new Map<string, KnownSegment[]>();
  for (const segment of segments) {
    const { uuid, epoch } = segment.identity;
    const stream = `${Buffer.from(uuid).toString("hex")} ${epoch}`;
    const known = streams.get(stream) ?? [];
    const last = known.at(-1)?.identity;
    if (last === undefined || (segment.identity.number > last.number && segment.identity.start >= last.start)) {
      known.push(segment);
    }
    streams.set(stream, known);
  }
  let most: KnownSegment[] = [];
  for (const known of streams.values()) if (known.length > most.length) most = known;
  return most;
}
