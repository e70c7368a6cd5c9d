/** A program is killed at any moment: what it was told to be durable is in its log. */
import { mkdirSync } from "node:fs";
import { Program, TempFolder } from "@spillway/testkit";
import { expect, test, vi } from "vitest";
import { openWal } from "../../src/index.ts";
import { Acks } from "./acks.ts";
import { bundleProgram, Random, readAll } from "./wal-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 7_200_000 : 120_000 });
const KILLS = isLong ? 500 : 12;

for (const mode of ["sync", "async", "mixed"]) {
  test(`kill, ${mode}: SIGKILL at any moment, ${KILLS} times in the same log: no acknowledged frame is lost, none comes twice`, async () => {
    using folder = new TempFolder();
    const program = await bundleProgram("critical-writer.mjs", folder.path);
    mkdirSync(folder.file("logs"));
    const log = folder.file("logs", "app.wal");
    const random = new Random(isLong ? Date.now() | 0 : 11);
    using acks = new Acks(folder.file("acks"));
    let prunedTo = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const input = { log, mode, prunes: kill % 2 === 1 };
      await using running = new Program(program, { input, stdio: acks.stdio });
      const before = acks.last();
      // Half of them while it starts and makes its first segment.
      if (kill % 2 === 0) await vi.waitUntil(() => acks.last() > before, { timeout: 10_000, interval: 2 });
      await new Promise((resolve) => setTimeout(resolve, random.below(kill % 2 === 0 ? 120 : 200)));
      running.kill();
      await running.ended();

      const { frames, report } = readAll(log, "skip-corrupt");
      expect(report.missing).toEqual([]);
      expect(report.damage.filter(({ kind }) => kind !== "tail" && kind !== "header")).toEqual([]);
      prunedTo = Math.max(prunedTo, report.prunedTo);
      const found = new Set(frames.map(({ seq }) => seq));
      expect(found.size).toBe(frames.length);
      expect(acks.all().filter((seq) => seq > prunedTo && !found.has(seq))).toEqual([]);
      for (const { seq, payload } of frames) expect(payload).toBe(`${seq} `.repeat(1 + (seq % 60)));
      // What the replay of the frames would do, now and then.
      if (kill % 4 === 3) {
        const wal = openWal(log);
        await wal.prune(report.lastSeq);
        await wal.close();
        prunedTo = report.lastSeq;
      }
    }
    expect(acks.all().length).toBeGreaterThan(KILLS);
  });
}
