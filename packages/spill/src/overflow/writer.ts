import { join } from "node:path";
import { FRAME_HEADER_BYTES, RecordTooLargeError } from "@spillway/core";
import { cutFile, failureOf, NODE_FILES, type OverflowFailure, type OverflowFiles } from "./files.ts";
import type { SegmentIdentity } from "./header.ts";
import {
  OVERFLOW_ACKED,
  OVERFLOW_FREED,
  OVERFLOW_HEADER_BYTES,
  OVERFLOW_MAX_PAYLOAD,
  OVERFLOW_UUID_BYTES,
  OVERFLOW_WRITTEN,
  overflowFrameBytes,
} from "./layout.ts";
import { positionFrom, positionUpTo, storePosition } from "./position-word.ts";
import { FrameSeal } from "./seal.ts";
import { SegmentFile } from "./segment-file.ts";
import { segmentName } from "./segment-name.ts";
import { lastOfStream } from "./stream.ts";

/**
 * `ok`: the frame is in the file, and survives the process. `full`: the cap is reached. `failed`: the file system does
 * not take it, `failure` says why; it is tried again. `closed`: for ever.
 */
export type AppendAnswer = "ok" | "full" | "failed" | "closed";

export interface OverflowWriterOptions {
  readonly folder: string;
  /** From overflowStreamName(). */
  readonly stream: string;
  readonly epoch: number;
  readonly lane: number;
  readonly pid: number;
  /** OVERFLOW_WORDS words of the memory that writer and reader share; zero when the stream is new. */
  readonly words: Int32Array;
  /** A segment that has reached this gets no further frame. */
  readonly segmentBytes?: number;
  /** The most that all segments of this stream may take on the disk; less than 64 GiB. */
  readonly cap: number;
  readonly files?: OverflowFiles;
  /** 16 bytes that no other stream has; made here where none are given. */
  readonly uuid?: Uint8Array;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
}

const SEGMENT_BYTES = 4 * 1024 * 1024;
/** What stays of the scratch for a frame. */
const KEPT_BYTES = 256 * 1024;
/** A full disk is not asked again for so long: making the error takes 20 us. */
const PAUSE_MS = 20;
/** Names that are taken by others are stepped over; so many of them in a row are no accident. */
const MOST_NAMES_TAKEN = 100;

/**
 * Appends frames that found no room in the ring. Exactly one thread may hold one. Called for each such record: one
 * write to the page cache, no allocation but the call's own.
 */
export class OverflowWriter {
  readonly segmentBytes: number;
  readonly cap: number;
  readonly #options: OverflowWriterOptions;
  readonly #files: OverflowFiles;
  readonly #words: Int32Array;
  readonly #nowMs: () => number;
  #scratch: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#scratch.buffer);
  /** Known once the first segment is needed: until then nothing is read or made. */
  #seal: FrameSeal | undefined;
  #uuid: Uint8Array | undefined;
  #number = 0;
  #segment: SegmentFile | undefined;
  #written: number;
  /** May be behind FREED, never ahead of it. */
  #freedSeen: number;
  #failure: OverflowFailure | undefined;
  #failedAtMs = 0;
  #isClosed = false;

  constructor(options: OverflowWriterOptions) {
    this.#options = options;
    this.segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.cap = options.cap;
    this.#files = options.files ?? NODE_FILES;
    this.#words = options.words;
    this.#nowMs = options.nowMs ?? ((): number => performance.now());
    this.#written = positionFrom(0, Atomics.load(options.words, OVERFLOW_WRITTEN));
    this.#freedSeen = positionUpTo(this.#written, Atomics.load(options.words, OVERFLOW_FREED));
  }

  /** The position behind the last frame. */
  get writtenTo(): number {
    return this.#written;
  }

  /** Whether everything is acked: then what is logged next may go to the ring again. */
  get isEmpty(): boolean {
    // Pairs with the store in OverflowReader.ack().
    return Atomics.load(this.#words, OVERFLOW_ACKED) === Atomics.load(this.#words, OVERFLOW_WRITTEN);
  }

  /** What the segments take on the disk. */
  get bytes(): number {
    this.#freedSeen = positionUpTo(this.#written, Atomics.load(this.#words, OVERFLOW_FREED));
    return this.#written - this.#freedSeen;
  }

  /** What the last append failed of; undefined once one went well. */
  get failure(): OverflowFailure | undefined {
    return this.#failure;
  }

  /**
   * Appends one frame, its payload `length` bytes of `bytes` from `from` on. Throws RecordTooLargeError for one that the
   * cap can never hold, and nothing else.
   */
  append(tag: number, seq: number, bytes: Uint8Array, from = 0, length: number = bytes.length - from): AppendAnswer {
    if (this.#isClosed) return "closed";
    const frame = overflowFrameBytes(length);
    if (length > OVERFLOW_MAX_PAYLOAD || OVERFLOW_HEADER_BYTES + frame > this.cap) {
      throw new RecordTooLargeError(length, Math.min(OVERFLOW_MAX_PAYLOAD, this.cap - OVERFLOW_HEADER_BYTES));
    }
    if (this.#failure !== undefined && this.#isPausing()) return "failed";
    const needsSegment = this.#needsSegment(frame);
    if (!this.#hasRoom(needsSegment ? OVERFLOW_HEADER_BYTES + frame : frame)) {
      // All of it is acked: the segment goes as soon as there is a next one, and until then it would be full for ever.
      if (!this.isEmpty || this.#segment?.isEmpty) return "full";
      this.#leaveSegment();
    }
    return this.#write(tag, seq, bytes, from, length);
  }

  /** Frames already appended stay for the reader. */
  close(): void {
    this.#isClosed = true;
    this.#leaveSegment();
  }

  #write(tag: number, seq: number, bytes: Uint8Array, from: number, length: number): AppendAnswer {
    try {
      const segment = this.#needsSegment(overflowFrameBytes(length)) ? this.#begin() : this.#segment!;
      const position = this.#positionIn(segment);
      const frame = this.#makeFrame(position, tag, seq, bytes, from, length);
      segment.append(this.#scratch, 0, frame);
      this.#failure = undefined;
      this.#written = position + frame;
      // The frame is in the file before the word says so: pairs with the load in OverflowReader.
      storePosition(this.#words, OVERFLOW_WRITTEN, this.#written);
      return "ok";
    } catch (error) {
      this.#failure = failureOf(error, "append to an overflow segment");
      this.#failedAtMs = this.#nowMs();
      this.#mend(this.#failure.code);
      return "failed";
    } finally {
      if (this.#scratch.length > KEPT_BYTES) this.#setScratch(0);
    }
  }

  /** A file that is only full goes on once there is room; what stands in another that failed is not trusted again. */
  #mend(code: string): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    const isOnlyFull = code === "ENOSPC" || code === "EDQUOT";
    if (!segment.cut() || !isOnlyFull) this.#leaveSegment();
  }

  #isPausing(): boolean {
    const waited = this.#nowMs() - this.#failedAtMs;
    return waited >= 0 && waited < PAUSE_MS;
  }

  #needsSegment(frame: number): boolean {
    const segment = this.#segment;
    return segment === undefined || (!segment.isEmpty && segment.end + frame > this.segmentBytes);
  }

  #hasRoom(bytes: number): boolean {
    if (this.#written + bytes - this.#freedSeen <= this.cap) return true;
    return this.bytes + bytes <= this.cap;
  }

  /** A segment's header counts among the positions, so its first frame stands 4 KiB behind the last of the one before. */
  #positionIn(segment: SegmentFile): number {
    return segment.isEmpty ? this.#written + OVERFLOW_HEADER_BYTES : this.#written;
  }

  #begin(): SegmentFile {
    this.#leaveSegment();
    const uuid = this.#resume();
    const { folder, stream, epoch, lane, pid } = this.#options;
    for (let taken = 0; ; taken++) {
      this.#number++;
      const identity: SegmentIdentity = {
        epoch,
        lane,
        pid,
        number: this.#number,
        start: this.#written,
        uuid,
        createdMs: Date.now(),
      };
      try {
        this.#segment = SegmentFile.create(this.#files, join(folder, segmentName(stream, this.#number)), identity);
        return this.#segment;
      } catch (error) {
        if ((error as { code?: string }).code !== "EEXIST" || taken >= MOST_NAMES_TAKEN) {
          this.#number--;
          throw error;
        }
      }
    }
  }

  /** Goes on behind what an earlier writer of this stream left: a thread that ended, whose lane is in use again. */
  #resume(): Uint8Array {
    if (this.#uuid !== undefined) return this.#uuid;
    const { folder, stream } = this.#options;
    this.#files.makeFolder(folder);
    const { number, segment } = lastOfStream(this.#files, folder, stream);
    this.#number = number;
    if (segment !== undefined) {
      const { start } = segment.identity;
      const distance = this.#written - this.#freedSeen;
      this.#written = positionFrom(start, Atomics.load(this.#words, OVERFLOW_WRITTEN));
      this.#freedSeen = this.#written - distance;
      // The thread may have ended between writing a frame and saying so. The reader would find it there, whole.
      cutFile(this.#files, segment.path, this.#written - start);
    }
    this.#uuid = segment?.identity.uuid ?? this.#options.uuid ?? makeUuid();
    this.#seal = new FrameSeal(this.#uuid, this.#options.epoch);
    return this.#uuid;
  }

  #makeFrame(position: number, tag: number, seq: number, bytes: Uint8Array, from: number, length: number): number {
    const frame = overflowFrameBytes(length);
    if (frame > this.#scratch.length) this.#setScratch(frame);
    this.#scratch.set(
      from === 0 && length === bytes.length ? bytes : bytes.subarray(from, from + length),
      FRAME_HEADER_BYTES,
    );
    return this.#seal!.close(this.#view, this.#scratch, 0, position, tag, seq, length);
  }

  #setScratch(bytes: number): void {
    this.#scratch = new Uint8Array(bytes === 0 ? 0 : Math.max(bytes, KEPT_BYTES));
    this.#view = new DataView(this.#scratch.buffer);
  }

  #leaveSegment(): void {
    this.#segment?.close();
    this.#segment = undefined;
  }
}

/** Has to be another one for each stream, not a secret one: nothing that needs node:crypto on the calling thread. */
function makeUuid(): Uint8Array {
  const words = new Uint32Array(OVERFLOW_UUID_BYTES / 4);
  for (let i = 0; i < words.length; i++) words[i] = Math.random() * 2 ** 32;
  words[0]! ^= Date.now();
  return new Uint8Array(words.buffer);
}
