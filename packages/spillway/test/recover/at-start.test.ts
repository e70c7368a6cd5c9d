/** What a dead process left is delivered by the next one that logs to the same file. */
import { fileURLToPath } from "node:url";
import { checkSequence, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { leftOf, recover } from "../crash/recover.ts";
import { ObedientProgram } from "../engine/obedient-program.ts";

const BURSTS = fileURLToPath(new URL("../crash/programs/bursts.mjs", import.meta.url));
const STALLED = new URL("../engine/fixtures/misbehaving-sink.mjs", import.meta.url).href;
const COUNT = 20_000;
const STARTS = 8;

/** A program that has logged `COUNT` records, none of which came to the file, and was killed. */
async function killed(path: string, options: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const stalled = { type: "module", module: STALLED, options: { how: "block" } };
  const sinks = { stalled, file: { type: "file", path } };
  const { signal } = await runProgram(BURSTS, { input: { sinks, count: COUNT, end: "SIGKILL", options } });
  expect(signal).toBe("SIGKILL");
}

test.each([
  ["in the ring", {}],
  ["in the ring and behind it", { ringBytes: 65_536 }],
])("recovery: what was %s comes before what the next process logs", async (_, options) => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  await killed(path, options);
  await using program = new ObedientProgram({ sinks: { file: { type: "file", path } }, from: COUNT });
  await program.log(100);
  await program.flush();
  // One sequence over both processes: in order, each once.
  const report = checkSequence(folder.read("app.log"), { counts: { main: COUNT + 100 } });
  expect(report.problems).toEqual([]);
  const summaries = report.others.filter((line) => "recovered" in line);
  expect(summaries).toMatchObject([{ recovered: COUNT }]);
  await program.end();
  expect(leftOf(path)).toEqual([]);
});

test("recovery: eight processes that start at once for one file: one recovers, the others log", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  await killed(path);
  const said = await Promise.all(Array.from({ length: STARTS }, () => recover("start", path)));
  expect(said).toEqual(Array.from({ length: STARTS }, () => ""));
  const { problems, others } = checkSequence(folder.read("app.log"), { counts: { main: COUNT } });
  expect(problems).toEqual([]);
  expect(others.filter((line) => "recovered" in line)).toMatchObject([{ recovered: COUNT }]);
  expect(others.filter(({ msg }) => msg === "the one that came after")).toHaveLength(STARTS);
  expect(leftOf(path)).toEqual([]);
});
