import { mkdirSync } from "node:fs";
import path from "node:path";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { compare, damageLog, makeLog } from "./second-reader.ts";
import { Random, works } from "./wal-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
const LOGS = isLong ? 1000 : 120;

for (const [kind, seed] of [
  ["good", 7],
  ["damaged", 8],
] as const) {
  test(`second reader: one made from the specification alone agrees about ${LOGS} ${kind} logs, in every mode`, {
    timeout: 900_000,
  }, async (ctx) => {
    if (!works("python3", "--version")) ctx.skip("python3 is not there");
    using folder = new TempFolder();
    const random = new Random(isLong ? Date.now() | 0 : seed);
    const logs: string[] = [];
    for (let i = 0; i < LOGS; i++) {
      // Each in a folder of its own: damage takes files of any name there.
      const own = folder.file(String(i));
      mkdirSync(own);
      logs.push(path.join(own, "app.wal"));
      await makeLog(logs[i]!, random);
      if (kind === "damaged") damageLog(own, random);
    }
    const { agreed, differ, frames } = compare(logs);
    expect(differ).toEqual([]);
    expect(agreed).toBe(4 * LOGS);
    expect(frames).toBeGreaterThan(LOGS);
  });
}
