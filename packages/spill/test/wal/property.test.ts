/** Any order of append, sync, prune, close and reopen: the log holds what a list would. */
import { TempFolder } from "@spillway/testkit";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { openWal } from "../../src/index.ts";
import { payloadOf, readAll, segmentsOf } from "./wal-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
vi.setConfig({ testTimeout: isLong ? 900_000 : 60_000 });
const settings = isLong ? { numRuns: 3000 } : { numRuns: 60, seed: 7 };

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), length: fc.integer({ min: 0, max: 700 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("syncNow" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("durable" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("prune" as const), part: fc.double({ min: 0, max: 1.2, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
);

test("wal, any order of calls: after each sync the log holds what was appended and not pruned", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      using folder = new TempFolder();
      const log = folder.file("app.wal");
      const open = (): ReturnType<typeof openWal> => openWal(log, { segmentBytes: 4096 });
      let wal = open();
      const appended: string[] = [];
      let prunedTo = 0;
      for (const one of steps) {
        if (one.do === "append") {
          const payload = payloadOf(appended.length, one.length);
          appended.push(payload.toString("latin1"));
          expect(wal.append(appended.length, payload)).toBe(appended.length);
        } else if (one.do === "syncNow") wal.syncNow();
        else if (one.do === "durable") await wal.durable();
        else if (one.do === "turn") await new Promise(setImmediate);
        else if (one.do === "prune") {
          const to = Math.floor(appended.length * one.part);
          prunedTo = Math.max(prunedTo, Math.min(to, appended.length));
          await wal.prune(to);
        } else {
          await wal.close();
          if (prunedTo === appended.length) expect(segmentsOf(log)).toEqual([]);
          wal = open();
        }
        if (one.do === "append" || one.do === "turn" || wal.settledTo < appended.length) continue;
        const { frames, report } = readAll(log, "absolute");
        expect(frames.map(({ payload }) => payload)).toEqual(appended.slice(prunedTo));
        expect(frames[0]?.seq ?? prunedTo + 1).toBe(prunedTo + 1);
        expect(report.prunedTo).toBe(prunedTo);
      }
      await wal.close();
    }),
    settings,
  );
});
