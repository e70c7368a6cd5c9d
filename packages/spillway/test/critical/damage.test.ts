import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkSequence, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { openWal, recoverAll } from "../../dist/index.js";
import { critical, live, losePower, walFiles } from "./lives.ts";

const COUNT = 10;

/** A dead process's log of ten records, nothing else, with one bit of the record in the middle flipped. */
async function damaged(folder: TempFolder, hasRing: boolean): Promise<{ path: string; walPath: string; at: number }> {
  const path = folder.file("app.log");
  const walPath = folder.file("wal", "app.wal");
  const options = { critical: { walPath } };
  await live({ path, options, steps: [...critical(COUNT), { does: "durable" }, { does: "kill" }] });
  if (!hasRing) losePower(path, walPath);
  const segment = walFiles(walPath).find((file) => file.endsWith(".00000001"))!;
  const bytes = readFileSync(segment);
  const at = bytes.indexOf("record 5");
  bytes[at]! ^= 1;
  writeFileSync(segment, bytes);
  return { path, walPath, at };
}

test("critical: a flipped bit is reported with its place, the segment is set aside, and all others are delivered", async () => {
  using folder = new TempFolder();
  const { walPath, at } = await damaged(folder, false);
  const { processes, recovered } = recoverAll(walPath);
  expect(recovered).toBe(COUNT - 1);
  expect(processes).toHaveLength(1);
  const [damage] = processes[0]!.damage;
  expect(damage).toMatchObject({ what: "frame", missing: 1 });
  expect([damage!.from <= at, at < damage!.to]).toEqual([true, true]);
  const left = readdirSync(folder.file("wal"));
  expect(left).toHaveLength(1);
  expect(left[0]).toMatch(/\.00000001\.bad\.\d+$/);
  expect(processes[0]!.damaged).toEqual([join(folder.file("wal"), left[0]!)]);
  const report = checkSequence(folder.read("app.log"), {
    counts: { main: COUNT },
    mayMiss: ({ seq }) => seq === 5,
  });
  expect(report.problems).toEqual([]);
  expect(report.records).toBe(COUNT - 1);
});

test("critical: a start tells of the damage, and delivers what the ring has although its entry is damaged", async () => {
  using folder = new TempFolder();
  const { path, walPath } = await damaged(folder, true);
  const options = { critical: { walPath } };
  const next = await live({ path, options, steps: [...critical(1, COUNT), { does: "flush" }, { does: "shutdown" }] });
  expect(next.stderr).toMatch(/app\.wal\.\d+\.[0-9a-f]{8}\.0\.00000001 is damaged.*frame, bytes \d+ to \d+/);
  const { problems, records } = checkSequence(folder.read("app.log"), { counts: { main: COUNT + 1 } });
  expect(problems).toEqual([]);
  expect(records).toBe(COUNT + 1);
  expect(walFiles(walPath)).toHaveLength(1);
});

test.each([
  ["skip-corrupt", COUNT - 1],
  ["tolerate-tail", 5],
  ["point-in-time", 5],
] as const)("openWal, recoverAll: the mode %s goes past a damaged record as far as it says", async (mode, count) => {
  using folder = new TempFolder();
  const { walPath } = await damaged(folder, false);
  const wal = openWal(walPath, { mode });
  const seqs: unknown[] = [];
  for await (const { seq } of wal.recover()) seqs.push(seq);
  expect(seqs).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9].slice(0, count));
  expect(wal.reports).toMatchObject([{ report: { frames: count, damage: [{ kind: "frame" }] } }]);
  await wal.close();
  const { recovered, processes } = recoverAll(walPath, { mode });
  expect(recovered).toBe(count);
  // What was not delivered is in a file that was set aside, for whoever can do more with it.
  expect(processes[0]!.damaged).toHaveLength(1);
});

test("openWal, recoverAll: the mode absolute delivers nothing of a damaged log, and leaves it as it is", async () => {
  using folder = new TempFolder();
  const { walPath } = await damaged(folder, false);
  const before = walFiles(walPath);
  const wal = openWal(walPath, { mode: "absolute" });
  await expect(wal.recover().next()).rejects.toThrow(expect.objectContaining({ code: "ERR_SPILLWAY_DAMAGED_WAL" }));
  await wal.close();
  const { recovered, processes, troubles } = recoverAll(walPath, { mode: "absolute" });
  expect([recovered, processes[0]!.complete]).toEqual([0, false]);
  expect(troubles.join()).toContain("is damaged in 1 places");
  expect(walFiles(walPath)).toEqual(before);
});
