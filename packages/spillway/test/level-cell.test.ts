import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CONTROL_BYTES } from "@spillway/core";
import { expect, test } from "vitest";
import { LevelCell } from "../src/level-cell.ts";

const INFO = 30;
const DEBUG = 20;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** A leader, and what follows a follower of its that nobody holds any more. */
function leaderAndLast(memory: SharedArrayBuffer): [LevelCell, LevelCell] {
  const leader = LevelCell.own(memory, INFO).follower();
  return [leader, leader.follower().follower()];
}

test("level: what follows a logger that was collected still follows the one above it", async () => {
  const memory = new SharedArrayBuffer(CONTROL_BYTES);
  const [leader, last] = leaderAndLast(memory);
  // A WeakRef keeps what it refers to until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  leader.set(memory, DEBUG);
  expect(last.threshold).toBe(DEBUG);
});

test("level: a logger with a level of its own does not follow", () => {
  const memory = new SharedArrayBuffer(CONTROL_BYTES);
  const leader = LevelCell.own(memory, INFO);
  const cell = leader.follower();
  cell.set(memory, INFO);
  leader.set(memory, DEBUG);
  expect(cell.threshold).toBe(INFO);
});
