import { readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { ownIdentity, releaseClaim, stemOfClaim, tryClaim } from "@spillway/spill";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";

const DEAD = { ...ownIdentity(), startTime: "1" };
const ELSEWHERE = { ...ownIdentity(), pidNamespace: "pid:[1]" };

function leave(folder: TempFolder, number: number, identity: object): void {
  symlinkSync(JSON.stringify(identity), folder.file(`app.log.1.0000000a.claim.${number}`));
}

function names(folder: TempFolder): string[] {
  return readdirSync(folder.path).sort();
}

const STEM = "app.log.1.0000000a";

test("claim: one that lives keeps everybody else out, until it is released", () => {
  using folder = new TempFolder();
  const { claim = "" } = tryClaim(folder.path, STEM);
  expect(names(folder)).toEqual([`${STEM}.claim.0`]);
  expect(tryClaim(folder.path, STEM)).toEqual({
    why: { reason: `process ${process.pid} is recovering it`, isInUse: true },
  });
  expect(tryClaim(folder.path, "app.log.1.0000000b").claim).toBeDefined();
  releaseClaim(claim, false);
  expect(tryClaim(folder.path, STEM).claim).toBe(claim);
});

test("claim: one of the dead is overtaken and stays; all go when nothing is left of what was claimed", () => {
  using folder = new TempFolder();
  leave(folder, 0, DEAD);
  leave(folder, 1, DEAD);
  const { claim = "" } = tryClaim(folder.path, STEM);
  expect(claim).toBe(folder.file(`${STEM}.claim.2`));
  releaseClaim(claim, false);
  expect(names(folder)).toEqual([`${STEM}.claim.0`, `${STEM}.claim.1`]);
  releaseClaim(tryClaim(folder.path, STEM).claim ?? "", true);
  expect(names(folder)).toEqual([]);
});

test("claim: one of a process elsewhere, or that cannot be read, may be alive", () => {
  using folder = new TempFolder();
  leave(folder, 0, ELSEWHERE);
  expect(tryClaim(folder.path, STEM)).toMatchObject({ why: { isInUse: false } });
  writeFileSync(folder.file("other.1.0000000a.claim.0"), "");
  expect(tryClaim(folder.path, "other.1.0000000a")).toMatchObject({ why: { isInUse: false } });
});

test("claim: where none can be made, there is none, and nobody is kept out", () => {
  using folder = new TempFolder();
  expect(tryClaim(folder.file("nowhere"), STEM)).toEqual({});
});

test("claim: its name says what is claimed", () => {
  expect(stemOfClaim(`${STEM}.claim.12`)).toBe(STEM);
  expect(stemOfClaim(`${STEM}.0.ring`)).toBeUndefined();
});
