import { FRAME_ALIGNMENT } from "@spillway/core";
import { AckNotes } from "./ack-notes.ts";
import { failureOf, NODE_FILES, type OverflowFailure, type OverflowFiles } from "./files.ts";
import {
  OVERFLOW_ACKED,
  OVERFLOW_FREED,
  OVERFLOW_HEADER_BYTES,
  OVERFLOW_WRITTEN,
  overflowFrameBytes,
} from "./layout.ts";
import { positionFrom, storePosition } from "./position-word.ts";
import { ackedIn, type KnownSegment, readStream } from "./stream.ts";
import { SegmentWindow } from "./window.ts";

/**
 * Called with the frame's tag and its payload's place in `reader.memory`; the bytes are only its own until it returns.
 * Answers false to stop in front of this frame.
 */
export type OverflowHandler = (tag: number, offset: number, length: number, seq: number, position: number) => boolean;

/** A stretch of a segment in which there should be frames and are none: bytes of the file. */
export interface DamagedStretch {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Told of positions between which nothing can be read; the drain goes on behind them. `where`: undefined where it is a
 * segment that is missing.
 */
export type OverflowDamageHandler = (
  from: number,
  to: number,
  what: "frame" | "missing",
  where: DamagedStretch | undefined,
) => void;

export interface OverflowReaderOptions {
  readonly folder: string;
  /** From overflowStreamName(). */
  readonly stream: string;
  /** The words shared with the writer. Without them the writer is dead, and the files say what there is. */
  readonly words?: Int32Array;
  readonly files?: OverflowFiles;
}

/** A link, a folder, a pipe of a segment's name: no segment, now and later. */
function isForGood(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "ELOOP" || code === "EISDIR" || code === "EINVAL" || code === "ENXIO";
}

/** Instead of a payload's length. */
const NOTHING = -1;
const SKIPPED = -2;

/**
 * The reading end of a stream of segments, shaped as the ring's consumer is. Exactly one thread may hold one. Frames
 * stay on the disk until `ack` lets go of them; whoever comes next, with a reader of its own, begins behind the last ack.
 */
export class OverflowReader {
  readonly #folder: string;
  readonly #stream: string;
  readonly #words: Int32Array | undefined;
  readonly #files: OverflowFiles;
  readonly #notes: AckNotes;
  #segments: readonly KnownSegment[] = [];
  #window: SegmentWindow | undefined;
  #memory: Buffer | undefined;
  #head = 0;
  #acked = 0;
  /** False: the folder could not be read yet, so that nobody knows where to begin. */
  #isOpen = false;
  /** The last drain found nothing behind the head, and no file refused to be read. */
  #isExhausted = false;
  /** What #find stepped over, when it says so. */
  #skipped: { from: number; what: "frame" | "missing"; where: DamagedStretch | undefined } = {
    from: 0,
    what: "frame",
    where: undefined,
  };
  /** Segments with a damaged frame: they are kept, for whoever wants to look, when they are done with. */
  readonly #damaged = new Set<string>();
  #failure: OverflowFailure | undefined;

  constructor(options: OverflowReaderOptions) {
    this.#folder = options.folder;
    this.#stream = options.stream;
    this.#words = options.words;
    this.#files = options.files ?? NODE_FILES;
    this.#notes = new AckNotes(this.#files);
    this.#open();
  }

  /** What payloads stand in. Another one after a frame larger than any before. */
  get memory(): Buffer {
    return this.#memory ?? Buffer.alloc(0);
  }

  get drainedTo(): number {
    return this.#head;
  }

  get ackedTo(): number {
    return this.#acked;
  }

  /** The position behind the last frame; without a living writer that is only known when all is drained: Infinity. */
  get writtenTo(): number {
    if (this.#words === undefined) return Number.POSITIVE_INFINITY;
    // Pairs with the store in OverflowWriter.append(): frames before this position are in the files.
    return positionFrom(this.#acked, Atomics.load(this.#words, OVERFLOW_WRITTEN));
  }

  /** Whether there is something to drain; only a living writer can say. */
  get hasMore(): boolean {
    return this.#head < this.writtenTo;
  }

  /** What the file system refused last; undefined once it did not. It is tried again by the next call. */
  get failure(): OverflowFailure | undefined {
    return this.#failure ?? this.#notes.failure;
  }

  /**
   * Files of the stream that hold more than a header, and no header that can be read: damaged, or of a later version. They
   * are left alone. Throws what the file system says.
   */
  lostSegments(): readonly string[] {
    const { unreadable } = readStream(this.#files, this.#folder, this.#stream);
    return unreadable.filter(({ bytes }) => bytes > OVERFLOW_HEADER_BYTES).map(({ path }) => path);
  }

  /** Hands over frames, about `limitBytes` of them, and answers how many. A handler that throws has had its frame. */
  drain(
    onFrame: OverflowHandler,
    onDamage: OverflowDamageHandler,
    limitBytes: number = Number.POSITIVE_INFINITY,
  ): number {
    if (!this.#isOpen && !this.#open()) return 0;
    const until = this.writtenTo;
    const from = this.#head;
    let frames = 0;
    this.#window?.forget();
    this.#isExhausted = false;
    while (this.#head < until && this.#head - from < limitBytes) {
      const length = this.#findNext(until);
      if (length === SKIPPED) {
        onDamage(this.#skipped.from, this.#head, this.#skipped.what, this.#skipped.where);
        continue;
      }
      if (length < 0) {
        this.#isExhausted = this.#failure === undefined;
        break;
      }
      const window = this.#window!;
      const position = this.#head;
      this.#memory = window.bytes;
      this.#head = position + overflowFrameBytes(length);
      const payload = window.payloadAt(position - window.segment.identity.start);
      if (!onFrame(window.tag, payload, length, window.seq, position)) {
        this.#head = position;
        break;
      }
      frames++;
    }
    return frames;
  }

  /** Back to the frame at `position`, which has not been acked. */
  rewind(position: number): void {
    this.#head = position;
    this.#isExhausted = false;
    this.#leaveWindow();
  }

  /**
   * Lets go of everything before `position`: notes it in the segment, tells the writer, removes the segments that are
   * done. In this order, so that no death in between loses a frame, or brings back one that the writer believes gone.
   */
  ack(position: number): void {
    if (position <= this.#acked) return;
    const segment = this.#segments.findLast(({ identity }) => identity.start <= position);
    if (segment !== undefined) this.#notes.note(segment, position);
    this.#acked = position;
    // Pairs with the load in OverflowWriter.isEmpty.
    if (this.#words !== undefined) storePosition(this.#words, OVERFLOW_ACKED, position);
    this.#removeDone();
  }

  /** When the writer is closed or dead and all is acked: removes what is left. Answers whether nothing is. */
  finish(): boolean {
    const isAllAcked =
      this.#words === undefined ? this.#isExhausted && this.#acked === this.#head : this.#acked >= this.writtenTo;
    if (!isAllAcked) return false;
    this.close();
    try {
      const { segments, unreadable } = readStream(this.#files, this.#folder, this.#stream);
      const begun = unreadable.filter(({ bytes }) => bytes <= OVERFLOW_HEADER_BYTES);
      for (const { path } of [...begun, ...segments]) this.#letGo(path);
      this.#segments = [];
      return begun.length === unreadable.length;
    } catch (error) {
      this.#failure = failureOf(error, "remove overflow segments");
      return false;
    }
  }

  close(): void {
    this.#leaveWindow();
    this.#notes.close();
  }

  #open(): boolean {
    try {
      this.#list();
    } catch (error) {
      this.#failure = failureOf(error, "list overflow segments");
      // The writer makes the folder when it first needs it.
      if (this.#failure.code !== "ENOENT" || this.#words === undefined) return false;
    }
    this.#failure = undefined;
    this.#isOpen = true;
    this.#acked = ackedIn(this.#segments);
    if (this.#words !== undefined) {
      // A note that could not be written leaves the file behind the word.
      const inWord = positionFrom(this.#acked, Atomics.load(this.#words, OVERFLOW_ACKED));
      if (inWord <= this.writtenTo) this.#acked = inWord;
    }
    this.#head = this.#acked;
    return true;
  }

  #findNext(until: number): number {
    try {
      const length = this.#find(until);
      this.#failure = undefined;
      return length;
    } catch (error) {
      this.#failure = failureOf(error, "read an overflow segment");
      return NOTHING;
    }
  }

  /** Payload length of the whole frame at the head, which moves past headers and past what cannot be read. */
  #find(until: number): number {
    while (this.#head < until) {
      const window = this.#windowAtHead();
      if (window !== undefined) {
        const { start } = window.segment.identity;
        const end = until === Number.POSITIVE_INFINITY ? window.size() : until - start;
        const length = window.frameAt(this.#head - start, end);
        if (length >= 0) return length;
      }
      // Nothing stands here: the segment is over, or its frame is damaged.
      this.#list();
      const next = this.#segmentBehind(window?.segment);
      if (next !== undefined && next.identity.start === this.#head) this.#enter(next);
      else return this.#skip(window, next?.identity.start ?? until);
    }
    return NOTHING;
  }

  /** Moves the head to the next whole frame, or to `end`; without a living writer the last segment's tail has none. */
  #skip(window: SegmentWindow | undefined, end: number): number {
    const start = window?.segment.identity.start ?? 0;
    const offset = this.#head - start;
    const size = window?.size() ?? 0;
    const found = window?.search(offset + FRAME_ALIGNMENT, Math.min(end - start, size));
    const to = found === undefined ? end : start + found;
    if (to === Number.POSITIVE_INFINITY) return NOTHING;
    const path = offset < size ? window?.segment.path : undefined;
    if (path !== undefined) this.#damaged.add(path);
    const where = path === undefined ? undefined : { path, from: offset, to: Math.min(to - start, size) };
    this.#skipped = { from: this.#head, what: offset < size ? "frame" : "missing", where };
    this.#head = to;
    return SKIPPED;
  }

  #windowAtHead(): SegmentWindow | undefined {
    if (this.#window !== undefined) return this.#window;
    this.#list();
    const segment = this.#segments.findLast(({ identity }) => identity.start <= this.#head);
    if (segment !== undefined) this.#enter(segment);
    return this.#window;
  }

  #segmentBehind(segment: KnownSegment | undefined): KnownSegment | undefined {
    const number = segment?.identity.number ?? 0;
    return this.#segments.find(({ identity }) => identity.number > number && identity.start >= this.#head);
  }

  #enter(segment: KnownSegment): void {
    this.#leaveWindow();
    this.#window = new SegmentWindow(this.#files, segment, this.#memory);
    // The header is part of the stream's bytes.
    this.#head = Math.max(this.#head, segment.identity.start + OVERFLOW_HEADER_BYTES);
    this.#removeDone();
  }

  #leaveWindow(): void {
    this.#window?.close();
    this.#window = undefined;
  }

  /** Throws when a file could not be looked at: it may be there, and whole. */
  #list(): void {
    const { segments, unreadable } = readStream(this.#files, this.#folder, this.#stream);
    for (const { error } of unreadable) if (error !== undefined && !isForGood(error)) throw error;
    this.#segments = segments;
  }

  #letGo(path: string): void {
    if (this.#damaged.has(path)) this.#files.setAside(path);
    else this.#files.remove(path);
  }

  /** Removes segments that are followed by another and acked to their end. */
  #removeDone(): void {
    const begun = this.#segments.filter(({ identity }) => identity.start <= this.#acked).length;
    const done = this.#segments.slice(0, Math.max(begun - 1, 0));
    for (const { path } of done) {
      try {
        this.#letGo(path);
      } catch (error) {
        this.#failure = failureOf(error, "remove an overflow segment");
      }
    }
    this.#segments = this.#segments.slice(done.length);
    const [first] = this.#segments;
    // Pairs with the load in OverflowWriter.bytes.
    if (this.#words !== undefined && first !== undefined)
      storePosition(this.#words, OVERFLOW_FREED, first.identity.start);
  }
}
