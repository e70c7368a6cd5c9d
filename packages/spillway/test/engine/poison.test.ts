import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { COUNT, evidenceIn, expectUnread, held, quarantined, runPoisoned } from "./poison.ts";

const BOTH = ["main", "thread"];

test.each([
  ["calls process.exit", "exit"],
  ["reaches the heap limit", "heap"],
  ["spins", "spin"],
] as const)(
  "poison: a record with which a sink %s is left out for that sink, once per lane, and everything else is delivered in order",
  // A thread that spins is ended a few times, after more than a second of processor time each.
  { timeout: 120_000 },
  async (_, how) => {
    using folder = new TempFolder();
    const poisoned = how === "spin" ? ["main"] : BOTH;
    const { accounts, stderr, respawns } = await runPoisoned(folder, { how, at: "writing", poisoned });
    const copy = held(folder, "copy.log", poisoned);
    expect(copy.problems, stderr).toEqual([]);
    expect(copy.records).toBe(2 * COUNT - poisoned.length);
    const line = "the drain died again and again while sink poisoned was given it";
    expect(quarantined(copy)).toEqual(poisoned.map(() => line));
    // The file is given what the other sink died of.
    const file = held(folder, "app.log", []);
    expect(file.problems, stderr).toEqual([]);
    expect(file.records).toBe(2 * COUNT);
    expect(quarantined(file)).toEqual([]);
    const { poisoned: sink, file: log } = accounts.sinks;
    expect(sink).toMatchObject({ delivered: 2 * COUNT - poisoned.length, quarantined: poisoned.length, pending: 0 });
    expect(log).toMatchObject({ delivered: 2 * COUNT, quarantined: 0, pending: 0 });
    expect(accounts.accepted).toBe(2 * COUNT);
    expect(respawns).toBeGreaterThanOrEqual(2 * poisoned.length);
    expect(evidenceIn(folder).map((bytes) => bytes.includes("poison"))).toEqual(poisoned.map(() => true));
    expect(stderr.match(/ is left out: /g)).toHaveLength(poisoned.length);
  },
);

test("poison: a record of which whoever reads it dies is left out for every sink, and everything else is delivered in order", async () => {
  using folder = new TempFolder();
  await expectUnread(folder, "exit");
});
