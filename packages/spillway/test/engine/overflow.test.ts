import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { checkSequence, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "./obedient-program.ts";
import { pourOver } from "./overflow.ts";

const MEBIBYTE = 1024 * 1024;
const COUNT = 300_000;

test("overflow: while the sink stands still nothing is lost, in the ring or behind it, and all of it is delivered in order", async () => {
  const { stalled, accounts } = await pourOver(COUNT, {});
  expect(stalled).toMatchObject({ logged: COUNT + 1, accepted: COUNT + 1, dropped: {} });
  expect(stalled.sinks["out"]?.pending).toBe(COUNT + 1);
  expect(accounts).toMatchObject({ logged: COUNT + 2, accepted: COUNT + 2, dropped: {} });
});

test("overflow: at its cap records are dropped, counted, and told in band to the record", async () => {
  const { accounts, toldDropped, withoutGap } = await pourOver(COUNT, { spillCap: 8 * MEBIBYTE });
  const dropped = accounts.dropped["full"] ?? 0;
  expect(dropped).toBeGreaterThan(COUNT / 4);
  expect(accounts.logged).toBe(accounts.accepted + dropped);
  expect(toldDropped).toEqual({ info: dropped });
  // Nothing was dropped before the cap was reached: what is there is the beginning.
  expect(withoutGap).toBe(COUNT - dropped);
});

test("overflow: what is below dropBelow goes first at the cap", async () => {
  const levels = ["info", "info", "info", "info", "info", "info", "info", "info", "info", "warn"];
  const { calls, accounts, toldDropped } = await pourOver(COUNT / 2, { spillCap: 8 * MEBIBYTE }, levels);
  const { info: infos = 0, warn: warns = 0 } = toldDropped;
  expect(infos).toBeGreaterThan(0);
  expect(infos + warns).toBe(accounts.dropped["full"]);
  expect(warns / calls["warn"]!).toBeLessThan(infos / calls["info"]! / 2);
});

test("overflow: flush waits for it, the ring is used again when it is empty, and its files go", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  mkdirSync(path);
  await using program = new ObedientProgram({
    sinks: { file: { type: "file", path } },
    options: { ringBytes: 65_536 },
  });
  const spilled = (): string[] => readdirSync(folder.file(".spillway")).filter((name) => name.endsWith(".spill"));
  await program.log(20_000, 100);
  expect(spilled().length).toBeGreaterThan(0);
  rmdirSync(path);
  await program.flush();
  expect(checkSequence(folder.read("app.log"), { counts: { main: 20_000 } }).problems).toEqual([]);
  await program.log(100);
  await program.flush();
  expect(checkSequence(folder.read("app.log"), { counts: { main: 20_100 } }).problems).toEqual([]);
  expect(spilled().length).toBeLessThanOrEqual(1);
  expect((await program.end()).code).toBe(0);
  expect(existsSync(folder.file(".spillway")) ? readdirSync(folder.file(".spillway")) : []).toEqual([]);
});
