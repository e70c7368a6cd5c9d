/** The campaign of random kills with the programs beside this file; sampled in npm test, at length in the long one. */
import { fileURLToPath } from "node:url";
import { type KillTotals, type Life, runKillCampaign } from "@spillway/testkit";

export async function runKills(
  runs: number,
  seed: number,
  { volume = 1, node = process.execPath }: { volume?: number; node?: string } = {},
): Promise<{ totals: KillTotals; failures: Life[] }> {
  const again = `--runs ${runs} --seed ${seed} --volume ${volume} --node ${node}`;
  console.log(`${runs} kills, seed ${seed}: npm run test:crash -- ${again}`);
  return runKillCampaign({
    runs,
    seed,
    volume,
    node,
    parallel: 4,
    produces: fileURLToPath(new URL("programs/produces.mjs", import.meta.url)),
    recovers: fileURLToPath(new URL("programs/recovers.mjs", import.meta.url)),
    slowSink: new URL("fixtures/slow-sink.mjs", import.meta.url).href,
  });
}
