import { closeSync, readdirSync, symlinkSync } from "node:fs";
import type { NamedSinkSpec } from "@spillway/core";
import {
  createRingFile,
  letGoOfRings,
  loadNative,
  ownIdentity,
  type ProcessIdentity,
  takeDeadRings,
} from "@spillway/spill";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";

const LANE_BYTES = 8192;
const SINKS: readonly NamedSinkSpec[] = [{ name: "file", spec: { type: "file", path: "/nowhere/app.log" } }];
const DEAD: ProcessIdentity = { ...ownIdentity(), startTime: "1" };
const ELSEWHERE: ProcessIdentity = { ...ownIdentity(), pidNamespace: "pid:[1]" };
const native = loadNative();

/** A ring file whose owner has no lock on it any more, or never had. */
function leave(folder: TempFolder, identity: ProcessIdentity, hasLock: boolean): void {
  const owner = { identity, hasLock, epoch: 7, lane: 0, capacity: 4096, sinks: SINKS, createdAt: "" };
  closeSync(createRingFile(folder.path, "app.log", owner, new Uint8Array(64), LANE_BYTES, native).fd);
}

function taken(folder: TempFolder, withFlock = true): number {
  const { groups } = takeDeadRings(folder.path, withFlock ? native : undefined);
  for (const group of groups) letGoOfRings(group);
  return groups.length;
}

test("dead rings: one whose owner is dead is taken, with flock and without", () => {
  using folder = new TempFolder();
  leave(folder, DEAD, true);
  expect(taken(folder)).toBe(1);
  expect(taken(folder, false)).toBe(1);
});

test("dead rings: one whose owner lives is spared, also where the owner has no lock", () => {
  using folder = new TempFolder();
  leave(folder, ownIdentity(), false);
  expect(taken(folder)).toBe(0);
  expect(taken(folder, false)).toBe(0);
});

test("dead rings: of an owner elsewhere the lock tells, where it had one; otherwise it may live", () => {
  using locked = new TempFolder();
  leave(locked, ELSEWHERE, true);
  expect(taken(locked)).toBe(1);
  expect(taken(locked, false)).toBe(0);
  using unlocked = new TempFolder();
  leave(unlocked, ELSEWHERE, false);
  expect(taken(unlocked)).toBe(0);
});

test("dead rings: one that somebody has locked is spared, whoever its owner was", () => {
  using folder = new TempFolder();
  leave(folder, DEAD, true);
  const { groups } = takeDeadRings(folder.path, native);
  expect(groups).toHaveLength(1);
  expect(taken(folder)).toBe(0);
  expect(readdirSync(folder.path)).toHaveLength(1);
  for (const { files } of groups) for (const { fd } of files) closeSync(fd);
});

test("dead rings: without flock one that somebody recovers is spared, and free again when it is let go", () => {
  using folder = new TempFolder();
  leave(folder, DEAD, false);
  const { groups } = takeDeadRings(folder.path, undefined);
  expect(groups).toHaveLength(1);
  const { groups: none, spared } = takeDeadRings(folder.path, undefined);
  expect(none).toEqual([]);
  expect(spared).toMatchObject([{ reason: `process ${process.pid} is recovering it`, isInUse: true }]);
  for (const group of groups) letGoOfRings(group);
  expect(readdirSync(folder.path)).toHaveLength(1);
  expect(taken(folder, false)).toBe(1);
});

test("dead rings: claims of the dead on what is gone are removed", () => {
  using folder = new TempFolder();
  const stem = `app.log.${DEAD.pid}.00000007`;
  symlinkSync(JSON.stringify(DEAD), folder.file(`${stem}.claim.0`));
  symlinkSync(JSON.stringify(ownIdentity()), folder.file(`${stem}.claim.1`));
  symlinkSync(JSON.stringify(DEAD), folder.file(`app.log.wal.${DEAD.pid}.00000007.0.claim.0`));
  expect(taken(folder, false)).toBe(0);
  expect(readdirSync(folder.path).sort()).toEqual([`${stem}.claim.1`, `app.log.wal.${DEAD.pid}.00000007.0.claim.0`]);
});
