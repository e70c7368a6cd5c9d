import type { RingFile, RingGroup } from "@spillway/core";
import { JsonBytes } from "@spillway/format";
import { CommitSlots, distance, laneCount } from "@spillway/ring";
import { adopt } from "./adopt.ts";
import { Lane } from "./lane.ts";

const TEXT_BYTES = 1024 * 1024;

/** Some of the lines a dead process had accepted. */
export interface ExtractedLines {
  /** Whole lines; the receiver's to keep. */
  readonly text: Buffer;
  readonly records: number;
  /** Of them: lines in the place of records that could not be read. */
  readonly unreadable: number;
  /** Bytes of frames these lines were made of, and all there are. */
  readonly frameBytes: number;
  readonly ofBytes: number;
}

export interface Extraction {
  readonly lines: Generator<ExtractedLines>;
  readonly damaged: readonly RingFile[];
  /** From its page; empty where all files are damaged. */
  readonly sinks: readonly string[];
}

/**
 * The records of a dead process that at least one of its sinks did not have, lane by lane, in order; the files stay as
 * they are.
 */
export function extract(group: RingGroup): Extraction {
  const { lanes, damaged } = adopt(group);
  if (lanes === undefined) return { lines: none(), damaged, sinks: [] };
  return {
    lines: linesOf(lanes.memory, lanes.owner.sinks.length),
    damaged,
    sinks: lanes.owner.sinks.map(({ name }) => name),
  };
}

function* linesOf(memory: SharedArrayBuffer, sinks: number): Generator<ExtractedLines> {
  const out = new JsonBytes(TEXT_BYTES);
  const lanes = Array.from({ length: laneCount(memory) }, (_, index) => new Lane(memory, index, out));
  for (const lane of lanes) lane.consumer.rewind(firstNeeded(memory, lane, sinks));
  const ofBytes = lanes.reduce((sum, { consumer }) => sum + distance(consumer.drainedTo, consumer.committedTo), 0);
  for (const lane of lanes) {
    while (true) {
      const batch = lane.take(undefined);
      if (batch === undefined) break;
      yield {
        text: Buffer.from(batch.text.bytes.subarray(0, batch.bytes)),
        records: batch.records,
        unreadable: batch.quarantined,
        frameBytes: distance(batch.startsAt, batch.endsAt),
        ofBytes,
      };
    }
  }
}

/** Where the sink that has least of the lane is: at the ring's start, unless every sink has more. */
function firstNeeded(memory: SharedArrayBuffer, lane: Lane, sinks: number): number {
  const { consumer } = lane;
  const pending = distance(consumer.ackedTo, consumer.committedTo);
  let most = 0;
  for (let sink = 0; sink < sinks; sink++) {
    const has = new CommitSlots(memory, lane.index, sink).read()?.position ?? consumer.ackedTo;
    const lacks = distance(has, consumer.committedTo);
    // A position that is not in the ring is no position.
    most = Math.max(most, Math.min(lacks, pending));
  }
  return (consumer.committedTo - most) >>> 0;
}

function* none(): Generator<ExtractedLines> {
  // There is nothing to read.
}
