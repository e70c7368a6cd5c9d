import { closeSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NamedSinkSpec } from "@spillway/core";
import { createRingFile, loadNative, ownIdentity, type ProcessIdentity, takeDeadRings } from "@spillway/spill";
import { expect, onTestFinished, test } from "vitest";

const LANE_BYTES = 8192;
const SINKS: readonly NamedSinkSpec[] = [{ name: "file", spec: { type: "file", path: "/nowhere/app.log" } }];
const DEAD: ProcessIdentity = { ...ownIdentity(), startTime: "1" };
const ELSEWHERE: ProcessIdentity = { ...ownIdentity(), pidNamespace: "pid:[1]" };
const native = loadNative();

/** The testkit stands on this package, so its folder is not to be had here. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "spillway-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A ring file whose owner has no lock on it any more, or never had. */
function leave(folder: string, identity: ProcessIdentity, hasLock: boolean): void {
  const owner = { identity, hasLock, epoch: 7, lane: 0, capacity: 4096, sinks: SINKS, createdAt: "" };
  closeSync(createRingFile(folder, "app.log", owner, new Uint8Array(64), LANE_BYTES, native).fd);
}

function taken(folder: string, withFlock = true): number {
  const { groups } = takeDeadRings(folder, withFlock ? native : undefined);
  for (const { files } of groups) for (const { fd } of files) closeSync(fd);
  return groups.length;
}

test("dead rings: one whose owner is dead is taken, with flock and without", () => {
  const folder = makeFolder();
  leave(folder, DEAD, true);
  expect(taken(folder)).toBe(1);
  expect(taken(folder, false)).toBe(1);
});

test("dead rings: one whose owner lives is spared, also where the owner has no lock", () => {
  const folder = makeFolder();
  leave(folder, ownIdentity(), false);
  expect(taken(folder)).toBe(0);
  expect(taken(folder, false)).toBe(0);
});

test("dead rings: of an owner elsewhere the lock tells, where it had one; otherwise it may live", () => {
  const locked = makeFolder();
  leave(locked, ELSEWHERE, true);
  expect(taken(locked)).toBe(1);
  expect(taken(locked, false)).toBe(0);
  const unlocked = makeFolder();
  leave(unlocked, ELSEWHERE, false);
  expect(taken(unlocked)).toBe(0);
});

test("dead rings: one that somebody has locked is spared, whoever its owner was", () => {
  const folder = makeFolder();
  leave(folder, DEAD, true);
  const { groups } = takeDeadRings(folder, native);
  expect(groups).toHaveLength(1);
  expect(taken(folder)).toBe(0);
  expect(readdirSync(folder)).toHaveLength(1);
  for (const { files } of groups) for (const { fd } of files) closeSync(fd);
});
