import * as core from "@spillway/core";
import { expect, test } from "vitest";

const WORDS = core.CONTROL_BYTES / 4;

/** What lies in the control page: how many words from which, counted in Int32. */
const PLACES: Readonly<Record<string, readonly number[]>> = {
  head: [core.CONTROL_MAGIC, 6],
  ROLE: [core.ROLE, 1],
  PARKED: [core.PARKED, 1],
  WAKE: [core.WAKE, 1],
  HEARTBEAT: [core.HEARTBEAT, 1],
  COMMAND: [core.COMMAND, 1],
  STOPPED: [core.STOPPED, 1],
  ACKS: [core.ACKS, 1],
  ACK_WAITERS: [core.ACK_WAITERS, 1],
  RESPAWNS: [core.RESPAWNS, 1],
  ENGINE_CLOSED: [core.ENGINE_CLOSED, 1],
  DRAIN_TID: [core.DRAIN_TID, 1],
  CLOCK_FRESH: [core.CLOCK_FRESH, 1],
  CLOCK: [core.CLOCK * 2, 2],
  RECOVERED: [core.RECOVERED, 1],
  RING_FILES_REMADE: [core.RING_FILES_REMADE, 1],
  CROWD_TOLD: [core.CROWD_TOLD, 1],
  LEVELS: [core.LEVELS, core.LEVEL_SLOTS],
  LEVELS_USED: [core.LEVELS_USED, 1],
  "sink counters": [core.SINK_COUNTER_BASE * 2, core.MAX_SINKS * core.SINK_COUNTERS * 2],
  ...Object.fromEntries(
    Array.from({ length: core.MAX_LANES }, (_, lane) => lane).flatMap((lane) => [
      [`LANE_OWNERS ${lane}`, [core.LANE_OWNERS + lane * core.LANE_OWNER_STRIDE, 1]],
      [`LANE_FILES ${lane}`, [core.LANE_FILES + lane * core.LANE_OWNER_STRIDE, 1]],
      [`LANE_FILE_LIVES ${lane}`, [core.LANE_FILE_LIVES + lane * core.LANE_OWNER_STRIDE, 1]],
      [`LANE_INODES ${lane}`, [(core.LANE_INODES + lane * core.LANE_INODE_STRIDE) * 2, 2]],
    ]),
  ),
};

test("control page: no two things lie in the same words, and all lie in the page", () => {
  const holder = new Map<number, string>();
  const clashes: string[] = [];
  for (const [name, [from = 0, words = 0]] of Object.entries(PLACES)) {
    if (from + words > WORDS) clashes.push(`${name} is behind the page`);
    for (let word = from; word < from + words; word++) {
      const other = holder.get(word);
      if (other !== undefined) clashes.push(`${name} and ${other} at ${word}`);
      holder.set(word, name);
    }
  }
  expect(clashes).toEqual([]);
});
