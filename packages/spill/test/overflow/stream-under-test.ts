/** A stream of segments in a folder of its own, and what was appended to it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { TempFolder } from "@spillway/testkit";
import {
  OVERFLOW_WORDS,
  type OverflowFiles,
  OverflowReader,
  OverflowWriter,
  type OverflowWriterOptions,
  overflowStreamName,
  type RecoveryMode,
  readSegments,
  type SegmentDamage,
  type SegmentSummary,
} from "../../src/index.ts";

const EPOCH = 0x1234_5678;
export const TAG = 0x0203;

export interface Frame {
  readonly tag: number;
  readonly seq: number;
  readonly payload: Buffer;
}

export interface Skipped {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

/** Bytes that differ from frame to frame and from place to place. */
export function payloadOf(seed: number, length: number): Buffer {
  const payload = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) payload[i] = (seed * 31 + (seed >>> 8) * 17 + i * 7) & 0xff;
  return payload;
}

export class StreamUnderTest {
  readonly folder = new TempFolder();
  readonly stream: string = overflowStreamName({ base: "app", pid: 4711, epoch: EPOCH, lane: 2 });
  words: Int32Array = newWords();

  writer(options: Partial<OverflowWriterOptions> = {}): OverflowWriter {
    return new OverflowWriter({
      folder: this.folder.path,
      stream: this.stream,
      epoch: EPOCH,
      lane: 2,
      pid: 4711,
      words: this.words,
      cap: 1024 * 1024 * 1024,
      ...options,
    });
  }

  /** As in the writer's process. */
  reader(files?: OverflowFiles): OverflowReader {
    const { folder, stream, words } = this;
    return new OverflowReader({ folder: folder.path, stream, words, ...(files && { files }) });
  }

  /** As in another process, after the writer's death. */
  deadReader(): OverflowReader {
    return new OverflowReader({ folder: this.folder.path, stream: this.stream });
  }

  paths(): string[] {
    return readdirSync(this.folder.path)
      .filter((name) => name.endsWith(".spill"))
      .sort()
      .map((name) => join(this.folder.path, name));
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

export function newWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(OVERFLOW_WORDS * 4));
}

/** Everything there is, about `limitBytes` at a time. */
export function drainAll(reader: OverflowReader, limitBytes?: number): { frames: Frame[]; skipped: Skipped[] } {
  const frames: Frame[] = [];
  const skipped: Skipped[] = [];
  for (;;) {
    const before = reader.drainedTo;
    reader.drain(
      (tag, offset, length, seq) => {
        frames.push({ tag, seq, payload: Buffer.from(reader.memory.subarray(offset, offset + length)) });
        return true;
      },
      (from, to, what) => skipped.push({ from, to, what }),
      limitBytes,
    );
    if (reader.drainedTo === before) return { frames, skipped };
  }
}

export interface Recovered extends SegmentSummary {
  readonly out: readonly (Frame & { readonly position: number; readonly path: string })[];
  readonly damage: readonly SegmentDamage[];
}

export function recover(
  paths: readonly string[],
  mode?: RecoveryMode,
  from: "acked" | "start" = "acked",
  files?: OverflowFiles,
): Recovered {
  const out: Recovered["out"][number][] = [];
  const damage: SegmentDamage[] = [];
  const reading = readSegments(paths, { from, ...(mode && { mode }), ...(files && { files }) });
  for (;;) {
    const step = reading.next();
    if (step.done) return { out, damage, ...step.value };
    const item = step.value;
    if (item.kind === "damage") damage.push(item);
    else {
      const { tag, seq, position, path } = item;
      out.push({ tag, seq, position, path, payload: Buffer.from(item.payload) });
    }
  }
}
