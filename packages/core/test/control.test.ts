import { expect, test } from "vitest";
import * as core from "../src/index.ts";

/** Words of the control page that different threads write, by name. */
const SHARED_WORDS = {
  ROLE: core.ROLE,
  PARKED: core.PARKED,
  WAKE: core.WAKE,
  HEARTBEAT: core.HEARTBEAT,
  COMMAND: core.COMMAND,
  STOPPED: core.STOPPED,
  ACKS: core.ACKS,
  ACK_WAITERS: core.ACK_WAITERS,
  RESPAWNS: core.RESPAWNS,
  ENGINE_CLOSED: core.ENGINE_CLOSED,
  DRAIN_TID: core.DRAIN_TID,
  RECOVERED: core.RECOVERED,
  RING_FILES_REMADE: core.RING_FILES_REMADE,
  CROWD_TOLD: core.CROWD_TOLD,
} as const;

/** Everything in the page, in bytes: [from, to). */
const PARTS: readonly (readonly [string, number, number])[] = [
  ["identity", 0, (core.CONTROL_MAPPABLE + 1) * 4],
  ...Object.entries(SHARED_WORDS).map(([name, word]) => [name, word * 4, word * 4 + 4] as const),
  ["clock fresh", core.CLOCK_FRESH * 4, core.CLOCK_FRESH * 4 + 4],
  ["clock", core.CLOCK * 8, core.CLOCK * 8 + 8],
  ["levels", core.LEVELS * 4, (core.LEVELS + core.LEVEL_SLOTS) * 4],
  ["levels used", core.LEVELS_USED * 4, core.LEVELS_USED * 4 + 4],
  ["lane owners", core.LANE_OWNERS * 4, (core.LANE_OWNERS + core.MAX_LANES * core.LANE_OWNER_STRIDE) * 4],
  ["sinks", core.SINK_COUNTER_BASE * 8, (core.SINK_COUNTER_BASE + core.MAX_SINKS * core.SINK_COUNTERS) * 8],
];

test("control page: its parts do not overlap and fit in", () => {
  const parts = PARTS.toSorted((a, b) => a[1] - b[1]);
  for (let i = 1; i < parts.length; i++) {
    if (parts[i]![1] < parts[i - 1]![2]) expect.fail(`${parts[i]![0]} begins inside of ${parts[i - 1]![0]}`);
  }
  expect(parts.at(-1)![2]).toBeLessThanOrEqual(core.CONTROL_BYTES);
});

test("control page: words that different threads write stand two cache lines apart", () => {
  const words = Object.values(SHARED_WORDS).toSorted((a, b) => a - b);
  for (let i = 1; i < words.length; i++) expect((words[i]! - words[i - 1]!) * 4).toBeGreaterThanOrEqual(128);
  expect(core.LANE_OWNER_STRIDE * 4).toBeGreaterThanOrEqual(128);
});

test("control page: begins with what tells it from anything else", () => {
  expect(Buffer.from(Int32Array.of(core.MAGIC_VALUE).buffer).toString("latin1")).toBe("1SPL");
  expect(core.VERSION_VALUE).toBe(1);
});

test("control page: nobody's token is that of the calling thread, and both leave the low bit free", () => {
  expect((core.ROLE_CALLER << 1) | 1).toBe(0x7fff_ffff);
});

test("options: the default lane is between the smallest and the largest, all of them powers of two", () => {
  const sizes = [core.MIN_RING_BYTES, core.DEFAULTS.ringBytes, core.MAX_RING_BYTES];
  for (const bytes of sizes) expect(Number.isInteger(Math.log2(bytes))).toBe(true);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(core.DEFAULTS.lanes + 1).toBeLessThanOrEqual(core.MAX_LANES);
});
