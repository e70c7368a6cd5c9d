/** The campaign of random kills with critical records; sampled in npm test, at length in the long one. */
import { fileURLToPath } from "node:url";
import { type KillTotals, type Life, runKillCampaign } from "@spillway/testkit";

/** The most that one thread logs before it asks whether they are durable. */
const GROUP = 20;

export async function runCriticalKills(runs: number, seed: number): Promise<{ totals: KillTotals; failures: Life[] }> {
  console.log(`${runs} kills with critical records, seed ${seed}`);
  return runKillCampaign({
    runs,
    seed,
    parallel: 4,
    unacknowledged: GROUP,
    produces: fileURLToPath(new URL("programs/acknowledges.mjs", import.meta.url)),
    recovers: fileURLToPath(new URL("../crash/programs/recovers.mjs", import.meta.url)),
    slowSink: new URL("../crash/fixtures/slow-sink.mjs", import.meta.url).href,
  });
}
