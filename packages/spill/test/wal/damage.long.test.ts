import { TempFolder, writeCampaignResult } from "@spillway/testkit";
import { test } from "vitest";
import { openWal } from "../../src/index.ts";
import { mutate } from "./mutations.ts";
import { Image, payloadOf, Random, readAll } from "./wal-under-test.ts";

const MUTATIONS = 1_000_000;

test(`recovery: ${MUTATIONS} mutations end, throw nothing, and give only frames that were written`, async () => {
  using folder = new TempFolder();
  const log = folder.file("app.wal");
  for (let life = 0; life < 3; life++) {
    const wal = openWal(log);
    for (let i = 0; i < 8; i++) wal.append(i, payloadOf(life * 8 + i));
    await wal.close();
  }
  const seed = Date.now() | 0;
  console.log(`seed ${seed}`);
  const begunAt = performance.now();
  const random = new Random(seed);
  const image = new Image(folder.path);
  const payloads = readAll(log).frames.map(({ payload }) => payload);
  for (let round = 0; round < MUTATIONS; round++) mutate({ log, image, payloads, random });
  writeCampaignResult({
    name: "damaged-wal",
    title:
      "Random mutations of a log of critical records: reading ends, throws nothing, and gives nothing that was not written",
    seed,
    tookMs: performance.now() - begunAt,
    figures: { mutations: MUTATIONS, wrong: 0 },
  });
}, 3_600_000);
