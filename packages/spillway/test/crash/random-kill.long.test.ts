/** The long form of `random-kill.test.ts`. */
import { expect, test } from "vitest";
import { runKills } from "./random-kill.ts";

const RUNS_AT_LEAST = 2000;
const RECORDS_AT_LEAST = 20_000_000;

test("kill: 2,000 processes killed at random, over 20 million records, lose, double and tear nothing", {
  timeout: 7_200_000,
}, async () => {
  let runs = 0;
  let records = 0;
  while (runs < RUNS_AT_LEAST || records < RECORDS_AT_LEAST) {
    const { totals, failures } = await runKills(500, Math.floor(Math.random() * 2 ** 31));
    expect(failures).toEqual([]);
    runs += totals.runs;
    records += totals.records;
  }
});
