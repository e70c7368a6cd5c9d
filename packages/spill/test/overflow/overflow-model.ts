/** Steps done to a stream and to an array alike. */
import { expect } from "vitest";
import { OVERFLOW_FILES, type OverflowFiles, type OverflowReader, type OverflowWriter } from "../../src/index.ts";
import { drainAll, newWords, payloadOf, recover, StreamUnderTest, TAG } from "./stream-under-test.ts";

export type Step =
  | { readonly do: "append"; readonly length: number }
  | { readonly do: "drain"; readonly limit: number }
  | { readonly do: "ack"; readonly part: number }
  | { readonly do: "rewind"; readonly part: number }
  | { readonly do: "new reader" }
  | { readonly do: "new writer" }
  | { readonly do: "crash" };

interface Known {
  readonly seq: number;
  readonly length: number;
  /** Where the frame ends; unknown until it was drained. */
  endsAt: number;
}

const FIRST_SEQ = 2 ** 32 - 40;

export class OverflowRun {
  readonly #stream = new StreamUnderTest();
  readonly #cap: number;
  readonly #segmentBytes: number;
  readonly #files: OverflowFiles;
  #writer: OverflowWriter;
  #reader: OverflowReader;
  #frames: Known[] = [];
  #drained = 0;
  #acked = 0;
  #seq = FIRST_SEQ;
  taken = 0;
  refused = 0;

  constructor(cap: number, segmentBytes: number, files: OverflowFiles = OVERFLOW_FILES) {
    this.#files = files;
    this.#cap = cap;
    this.#segmentBytes = segmentBytes;
    this.#writer = this.#makeWriter();
    this.#reader = this.#stream.reader(this.#files);
  }

  step(step: Step): void {
    switch (step.do) {
      case "append":
        this.#append(step.length);
        break;
      case "drain":
        this.#drain(step.limit);
        break;
      case "ack":
        this.#ack(step.part);
        break;
      case "rewind":
        this.#drained = this.#acked + Math.floor((this.#drained - this.#acked) * step.part);
        this.#reader.rewind(this.#positionOf(this.#drained));
        break;
      case "new reader":
        this.#reader.close();
        this.#reader = this.#stream.reader(this.#files);
        this.#drained = this.#acked;
        break;
      case "new writer":
        this.#writer = this.#makeWriter();
        break;
      case "crash":
        this.#crash();
    }
  }

  /** What is left comes out, and then nothing is left on the disk. */
  finish(): void {
    this.#drain(Number.POSITIVE_INFINITY);
    expect(this.#drained).toBe(this.#frames.length);
    this.#ack(1);
    expect(this.#writer.isEmpty).toBe(true);
    expect(this.#reader.finish()).toBe(true);
    expect(this.#stream.paths()).toEqual([]);
    this.#stream[Symbol.dispose]();
  }

  #append(length: number): void {
    const seq = this.#seq % 2 ** 32;
    const answer = this.#writer.append(TAG, seq | 0, payloadOf(seq, length));
    expect(this.#writer.bytes).toBeLessThanOrEqual(this.#cap + this.#segmentBytes);
    if (answer === "full") {
      this.refused++;
      return;
    }
    expect(answer).toBe("ok");
    this.#frames.push({ seq, length, endsAt: this.#writer.writtenTo });
    this.#seq++;
  }

  #drain(limit: number): void {
    const { frames, skipped } = limit === Number.POSITIVE_INFINITY ? drainAll(this.#reader) : this.#drainOnce(limit);
    expect(skipped).toEqual([]);
    for (const frame of frames) {
      const known = this.#frames[this.#drained++];
      expect(frame.seq >>> 0).toBe(known?.seq);
      expect(frame.tag).toBe(TAG);
      expect(frame.payload.equals(payloadOf(known!.seq, known!.length))).toBe(true);
    }
    this.taken += frames.length;
    expect(this.#reader.hasMore).toBe(this.#drained < this.#frames.length);
  }

  #drainOnce(limit: number): ReturnType<typeof drainAll> {
    const frames: ReturnType<typeof drainAll>["frames"] = [];
    const skipped: ReturnType<typeof drainAll>["skipped"] = [];
    this.#reader.drain(
      (tag, offset, length, seq) => {
        frames.push({ tag, seq, payload: Buffer.from(this.#reader.memory.subarray(offset, offset + length)) });
        return true;
      },
      (from, to, what) => skipped.push({ from, to, what }),
      limit,
    );
    return { frames, skipped };
  }

  #ack(part: number): void {
    const to = this.#acked + Math.floor((this.#drained - this.#acked) * part);
    if (to > this.#acked) this.#reader.ack(this.#positionOf(to));
    this.#acked = to;
    expect(this.#writer.isEmpty).toBe(this.#acked === this.#frames.length);
  }

  /** The process is gone: what the files say is what was appended and not acked. Then another life begins. */
  #crash(): void {
    const left = this.#frames.slice(this.#acked);
    for (const mode of ["tolerate-tail", "point-in-time", "skip-corrupt", "absolute"] as const) {
      const { out, damage } = recover(this.#stream.paths(), mode);
      expect(damage).toEqual([]);
      expect(out.map(({ seq }) => seq >>> 0)).toEqual(left.map(({ seq }) => seq));
    }
    const dead = this.#stream.deadReader();
    const { frames, skipped } = drainAll(dead, 500);
    expect(skipped).toEqual([]);
    expect(frames.map(({ seq }) => seq >>> 0)).toEqual(left.map(({ seq }) => seq));
    if (dead.drainedTo > dead.ackedTo) dead.ack(dead.drainedTo);
    expect(dead.finish()).toBe(true);
    this.#stream.words = newWords();
    this.#writer = this.#makeWriter();
    this.#reader = this.#stream.reader(this.#files);
    this.#frames = [];
    this.#drained = 0;
    this.#acked = 0;
  }

  #positionOf(frames: number): number {
    return frames === 0 ? 0 : this.#frames[frames - 1]!.endsAt;
  }

  #makeWriter(): OverflowWriter {
    return this.#stream.writer({ cap: this.#cap, segmentBytes: this.#segmentBytes, files: this.#files });
  }
}
