import { writeCampaignResult } from "@spillway/testkit";
import { expect, test } from "vitest";
import { runMutations } from "./run-mutations.ts";

const MUTATIONS = 1_000_000;
/** A loaded machine takes its time. */
const LIMIT_MS = 4 * 3_600_000;

test(`recovery: of ${MUTATIONS} ring files damaged at random every record is found whose frame and dictionary were not touched`, {
  timeout: LIMIT_MS,
}, async () => {
  const seed = Date.now() & 0xfff_ffff;
  const begunAt = performance.now();
  const { tried, told, found, wrong } = await runMutations(seed, seed + MUTATIONS, LIMIT_MS);
  expect(wrong).toEqual([]);
  expect(tried).toBe(MUTATIONS);
  writeCampaignResult({
    name: "damaged-ring-files",
    title: "Random mutations of a ring file: reading ends, throws nothing, and finds every record that was not touched",
    seed,
    tookMs: performance.now() - begunAt,
    figures: { mutations: tried, told, recordsDueAndFound: found, wrong: wrong.length },
  });
});
