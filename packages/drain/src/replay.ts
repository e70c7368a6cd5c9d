import { unlinkSync } from "node:fs";
import { hostname } from "node:os";
import {
  CONTROL_BYTES,
  type DrainStart,
  HEARTBEAT,
  type NamedSinkSpec,
  type RingGroup,
  SINK_COUNTER_BASE,
  SINK_COUNTERS,
  SINK_QUARANTINED,
} from "@spillway/core";
import { CommitSlots, laneCount } from "@spillway/ring";
import { openSink } from "@spillway/sinks";
import { adopt, noteInFiles } from "./adopt.ts";
import { Carrier } from "./carrier.ts";
import type { Trouble } from "./complaints.ts";
import type { Ownership } from "./ownership.ts";
import { carry } from "./pipeline.ts";

/** A sink that does not take what was recovered holds the new records up no longer than this. */
const PATIENCE_MS = 5000;

/** What came of one dead process's ring files. */
export interface ReplayReport {
  readonly pid: number;
  /** Records that the sinks got now. */
  readonly recovered: number;
  /** Of them: lines in the place of records that could not be read. */
  readonly unreadable: number;
  /** False: a sink did not take everything; the files stay for the next attempt. */
  readonly isComplete: boolean;
  /** Files that are no ring files any more, as they lie there. */
  readonly damaged: readonly string[];
}

/** Where the records go; undefined: leave these out. By sink of the dead process. */
export type Redirect = (sink: NamedSinkSpec) => NamedSinkSpec | undefined;

/**
 * Delivers what a dead process had accepted and not delivered. Its lanes are read into memory, and drained as if their
 * worker had died: the commit slots say how far each sink had come, and a line that was cut short is finished.
 *
 * What is delivered is noted in the ring files before and after every write, so a replay that is killed goes on where it
 * was. Removes the files when all of it is delivered. Does not throw.
 */
export function replay(
  group: RingGroup,
  control: Int32Array,
  ownership: Ownership,
  redirect: Redirect,
  trouble: Trouble,
): ReplayReport {
  const { lanes, damaged: unusable } = adopt(group);
  const damaged = unusable.map(({ path }) => path);
  if (lanes === undefined) return { pid: group.pid, recovered: 0, unreadable: 0, isComplete: false, damaged };
  noteInFiles(lanes);
  // The place in the list is the number of the commit slots: a sink that is left out must keep its place.
  const sinks = lanes.owner.sinks.map((sink) => redirect(sink) ?? { name: sink.name, spec: { type: "null" as const } });
  const ringFiles = lanes.files.map(({ path }) => path);
  const start: DrainStart = { memory: lanes.memory, sinks, parkAfterMs: 0, ringFiles, recover: [] };
  const before = deliveredBy(start);
  const carrier = new Carrier(start, ownership, trouble);
  carrier.deadline = Date.now() + PATIENCE_MS;
  let isComplete = true;
  while (isComplete && carrier.hasMore) {
    Atomics.add(control, HEARTBEAT, 1);
    isComplete = carry(carrier) >= 0;
    if (isComplete) carrier.deadline = Date.now() + PATIENCE_MS;
  }
  carrier.close();
  const recovered = Math.max(0, ...deliveredBy(start).map((count, sink) => count - before[sink]!));
  const report = { pid: group.pid, recovered, unreadable: unreadableIn(start), isComplete, damaged };
  if (!isComplete) return report;
  if (recovered > 0 || report.unreadable > 0) for (const sink of start.sinks) say(sink, report, trouble);
  for (const path of ringFiles) remove(path);
  return report;
}

/** Per sink, over all lanes. */
function deliveredBy({ memory, sinks }: DrainStart): number[] {
  return sinks.map((_, sink) => {
    let sum = 0;
    for (let lane = 0; lane < laneCount(memory); lane++) sum += new CommitSlots(memory, lane, sink).delivered;
    return sum;
  });
}

function unreadableIn({ memory, sinks }: DrainStart): number {
  const counters = new Float64Array(memory, 0, CONTROL_BYTES / 8);
  return Math.max(0, ...sinks.map((_, sink) => counters[SINK_COUNTER_BASE + sink * SINK_COUNTERS + SINK_QUARANTINED]!));
}

/** One line behind what was recovered, so that a reader of the log knows why these records came late. */
function say(named: NamedSinkSpec, { pid, recovered, unreadable }: ReplayReport, trouble: Trouble): void {
  const line = {
    level: 30,
    time: Date.now(),
    pid: process.pid,
    hostname: hostname(),
    recovered,
    ...(unreadable > 0 ? { unreadable } : undefined),
    from: pid,
    msg: `spillway: recovered ${recovered} records that process ${pid} left`,
  };
  try {
    const sink = openSink(named);
    sink.write(Buffer.from(`${JSON.stringify(line)}\n`), 1);
    sink.close();
  } catch (error) {
    trouble(`sink ${named.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The lock stays until whoever has it closes the file: who gets it next finds that the file is gone. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
