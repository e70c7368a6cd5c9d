import { fileURLToPath } from "node:url";
import { runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/clock.mjs", import.meta.url));
/** What the shared clock may be behind at most. */
const MOST_MS = 50;

// A worker that is ended while it is awake leaves CLOCK_FRESH at 1, and nobody who could take it back comes to it as long
// as the main thread does not yield. The first call after that sees a time that has moved, and takes it; the next one
// sees that it has not, and asks the clock.
test("time: of at most one record is taken from a worker that died while the main thread never yields", async () => {
  using folder = new TempFolder();
  await runProgram(PROGRAM, { input: { sinks: { file: { type: "file", path: folder.file("app.log") } } } });
  const lines = folder.read("app.log").toString().trim().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { time: number; real?: number });
  const behind = records.flatMap(({ time, real }) => (real === undefined ? [] : [real - time]));
  expect(behind).toHaveLength(3);
  expect(behind.filter((ms) => ms >= MOST_MS).length).toBeLessThanOrEqual(1);
});
