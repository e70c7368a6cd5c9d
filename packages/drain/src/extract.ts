import type { RingDamage, RingFile, RingGroup } from "@spillway/core";
import { JsonBytes } from "@spillway/format";
import { type Commit, CommitSlots, distance, isBefore, laneCount } from "@spillway/ring";
import { type AdoptedLanes, type Adoption, adopt } from "./adopt.ts";
import { Lane } from "./lane.ts";
import { OverflowLane } from "./overflow-lane.ts";
import { LOST_HEADER, shareOf } from "./replay.ts";

/** A batch is closed at a quarter of this, and only a long line goes beyond. */
const TEXT_BYTES = 1024 * 1024;

/** Some of the lines a dead process had accepted. */
export interface ExtractedLines {
  /** Whole lines; the receiver's to keep. */
  readonly text: Buffer;
  readonly records: number;
  /** Of them: lines in the place of records that could not be read. */
  readonly unreadable: number;
  /** Of all the frames there are, how much is done with these lines; from 0 to 1. */
  readonly share: number;
  /** Of the lane the lines are of: its place in the group. Lines of one lane come together, in order. */
  readonly lane: number;
  /** Where the lines of records begin that have a time, and the times. */
  readonly times: readonly { readonly startsAt: number; readonly timeMs: number }[];
}

export interface RefusedFile {
  readonly path: string;
  readonly reason: string;
}

export interface Extraction {
  readonly lines: Generator<ExtractedLines>;
  /** Files in which nothing can be found, or that are of a later version. */
  readonly damaged: readonly RingFile[];
  /** What is not as it was written; grows while the lines are read. */
  readonly damage: readonly RingDamage[];
  /** Files of the overflow that are left alone, and why; grows while the lines are read. */
  readonly refused: readonly RefusedFile[];
  /** From its page; empty where that is damaged. */
  readonly sinks: readonly string[];
}

/**
 * The records of a dead process that at least one of its sinks did not have, lane by lane, in order; the files stay as
 * they are.
 */
export function extract(group: RingGroup): Extraction {
  return extractAdopted(adopt(group));
}

export function extractAdopted({ lanes, unusable, later }: Adoption): Extraction {
  const damaged = [...unusable, ...later];
  if (lanes === undefined) return { lines: none(), damaged, damage: [], refused: [], sinks: [] };
  const damage = [...lanes.damage];
  const refused: RefusedFile[] = [];
  return {
    lines: linesOf(lanes, damage, refused),
    damaged,
    damage,
    refused,
    sinks: (lanes.owner?.sinks ?? []).map(({ name }) => name),
  };
}

function* linesOf(
  { memory, owner, files, place }: AdoptedLanes,
  damage: RingDamage[],
  refused: RefusedFile[],
): Generator<ExtractedLines> {
  const out = new JsonBytes(TEXT_BYTES);
  const lanes = Array.from(
    { length: laneCount(memory) },
    (_, index) =>
      new Lane(memory, index, out, undefined, undefined, (one) => damage.push({ path: files[index]!.path, ...one })),
  );
  for (const lane of lanes) beginWithNeeded(memory, lane, owner?.sinks.length);
  const overflows = lanes.map(
    ({ index }) => new OverflowLane(memory, index, lanes.length, out, undefined, place, (one) => damage.push(one)),
  );
  const inRings = lanes.reduce((sum, { consumer }) => sum + distance(consumer.drainedTo, consumer.committedTo), 0);
  const ofBytes = overflows.reduce((sum, { bytesInFiles }) => sum + bytesInFiles, inRings);
  let doneBytes = 0;
  // What did not fit into the ring of a lane is younger than all that is in it.
  for (const source of lanes.flatMap((lane, index) => [lane, overflows[index]!])) {
    let times: { startsAt: number; timeMs: number }[] = [];
    source.onTime = (startsAt, timeMs) => times.push({ startsAt, timeMs });
    while (true) {
      times = [];
      const batch = source.take(undefined);
      if (batch === undefined) break;
      doneBytes += batch.frameBytes;
      yield {
        text: Buffer.from(batch.text.bytes.subarray(0, batch.bytes)),
        records: batch.records,
        unreadable: batch.quarantined,
        share: shareOf(doneBytes, ofBytes),
        lane: source.index % lanes.length,
        times,
      };
    }
  }
  for (const overflow of overflows) {
    for (const path of overflow.lostSegments()) refused.push({ path, reason: LOST_HEADER });
    overflow.close();
  }
}

/**
 * Where the sink that has least of the lane is: at the ring's start, unless every sink has more. Without an owner nobody
 * knows how many sinks there were.
 */
function beginWithNeeded(memory: SharedArrayBuffer, { index, consumer }: Lane, sinks: number | undefined): void {
  if (sinks === undefined) return;
  const pending = distance(consumer.ackedTo, consumer.committedTo);
  let least: Commit | undefined;
  for (let sink = 0; sink < sinks; sink++) {
    const commit = new CommitSlots(memory, index, sink).read();
    // It has nothing; a position that is not in the ring is no position.
    if (commit === undefined || distance(commit.position, consumer.committedTo) > pending) return;
    if (least === undefined || isBefore(commit.position, least.position)) least = commit;
  }
  if (least !== undefined) consumer.rewind(least.position, least.seq);
}

function* none(): Generator<ExtractedLines> {
  // There is nothing to read.
}
