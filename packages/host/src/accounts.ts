import {
  type Accounts,
  CONTROL_BYTES,
  DROP_REASONS,
  HEARTBEAT,
  LEVEL_CLASSES,
  type NamedSinkSpec,
  RESPAWNS,
  RING_FILES_REMADE,
  SINK_BYTES,
  SINK_COUNTER_BASE,
  SINK_COUNTERS,
  SINK_ERRORS,
  SINK_QUARANTINED,
  SINK_UNCERTAIN,
  SINK_WRITES,
  type SinkAccount,
} from "@spillway/core";
import type { MetricsSnapshot, SinkMetrics } from "@spillway/metrics";
import { CommitSlots, LaneCounters, type LaneTable, laneCapacity, laneCount } from "@spillway/ring";

/** Reads the counters of all lanes and sinks. Exact when nothing is in flight, a moment behind otherwise. */
export class Bookkeeping {
  readonly #memory: SharedArrayBuffer;
  readonly #sinks: readonly NamedSinkSpec[];
  readonly #lanes: readonly LaneCounters[];
  readonly #sinkCounters: Float64Array;
  readonly #table: LaneTable;

  constructor(memory: SharedArrayBuffer, sinks: readonly NamedSinkSpec[], table: LaneTable) {
    this.#table = table;
    this.#memory = memory;
    this.#sinks = sinks;
    this.#lanes = Array.from({ length: laneCount(memory) }, (_, index) => new LaneCounters(memory, index));
    this.#sinkCounters = new Float64Array(memory, 0, CONTROL_BYTES / 8);
  }

  accounts(): Accounts {
    // Delivered first: a record is accepted before it is delivered, so that pending cannot come out negative.
    const delivered = this.#sinks.map((_, index) => this.#delivered(index));
    const accepted = this.#sum((lane) => lane.accepted());
    const dropped: Record<string, number> = {};
    let droppedAll = 0;
    for (let reason = 0; reason < DROP_REASONS.length; reason++) {
      const count = this.#sum((lane) => lane.dropped(reason));
      droppedAll += count;
      if (count > 0) dropped[DROP_REASONS[reason]!] = count;
    }
    const sinks: Record<string, SinkAccount> = {};
    for (const [index, { name }] of this.#sinks.entries()) {
      const quarantined = this.#sinkCounter(index, SINK_QUARANTINED);
      sinks[name] = {
        delivered: delivered[index]!,
        quarantined,
        pending: accepted - delivered[index]! - quarantined,
        uncertain: this.#sinkCounter(index, SINK_UNCERTAIN),
      };
    }
    const undurable = this.#sum((lane) => lane.undurable);
    return { logged: accepted + droppedAll, accepted, dropped, undurable, sinks };
  }

  metrics(): MetricsSnapshot {
    const control = new Int32Array(this.#memory, 0, CONTROL_BYTES / 4);
    const table = this.#table;
    const sinks: Record<string, SinkMetrics> = {};
    for (const [index, { name }] of this.#sinks.entries()) sinks[name] = this.#sinkMetrics(index);
    const capacity = laneCapacity(this.#memory);
    let depth = 0;
    let inUse = 0;
    for (let lane = 0; lane < table.count; lane++) {
      depth += table.pendingBytes(lane);
      if (table.ownerOf(lane) !== undefined) inUse++;
    }
    return {
      accepted: this.#byClass((lane, levelClass) => lane.acceptedOf(levelClass)),
      dropped: Object.fromEntries(
        DROP_REASONS.map((reason, index) => [reason, this.#byClass((lane, c) => lane.droppedOf(index, c))]),
      ),
      ringDepthBytes: depth,
      ringCapacityBytes: capacity * table.count,
      lanes: table.count,
      lanesInUse: inUse,
      respawns: Atomics.load(control, RESPAWNS),
      ringFilesRemade: Atomics.load(control, RING_FILES_REMADE),
      heartbeat: Atomics.load(control, HEARTBEAT),
      sinks,
    };
  }

  #sinkMetrics(index: number): SinkMetrics {
    return {
      records: this.#delivered(index),
      bytes: this.#sinkCounter(index, SINK_BYTES),
      writes: this.#sinkCounter(index, SINK_WRITES),
      errors: this.#sinkCounter(index, SINK_ERRORS),
      quarantined: this.#sinkCounter(index, SINK_QUARANTINED),
      uncertain: this.#sinkCounter(index, SINK_UNCERTAIN),
    };
  }

  #delivered(sink: number): number {
    let sum = 0;
    for (let lane = 0; lane < this.#lanes.length; lane++) {
      sum += new CommitSlots(this.#memory, lane, sink).delivered;
      sum += new CommitSlots(this.#memory, lane, sink, true).delivered;
    }
    return sum;
  }

  #sinkCounter(sink: number, counter: number): number {
    return this.#sinkCounters[SINK_COUNTER_BASE + sink * SINK_COUNTERS + counter]!;
  }

  #byClass(of: (lane: LaneCounters, levelClass: number) => number): Record<string, number> {
    return Object.fromEntries(LEVEL_CLASSES.map((name, index) => [name, this.#sum((lane) => of(lane, index))]));
  }

  #sum(of: (lane: LaneCounters) => number): number {
    let sum = 0;
    for (const lane of this.#lanes) sum += of(lane);
    return sum;
  }
}
