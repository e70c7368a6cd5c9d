import { fileURLToPath } from "node:url";
import { runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/clock.mjs", import.meta.url));
/** What the shared clock may be behind at most. */
const MOST_MS = 50;

// Fails: a worker that is ended while it is awake leaves CLOCK_FRESH at 1, and nobody who could take it back comes to
// it as long as the main thread does not yield; CallClock then believes the frozen word for up to 64 calls, however far
// they are apart.
test.fails("time: of a record is right although the worker died and the main thread never yields", async () => {
  using folder = new TempFolder();
  await runProgram(PROGRAM, { input: { sinks: { file: { type: "file", path: folder.file("app.log") } } } });
  const lines = folder.read("app.log").toString().trim().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { time: number; real?: number });
  const behind = records.flatMap(({ time, real }) => (real === undefined ? [] : [real - time]));
  expect(behind).toHaveLength(3);
  expect(Math.max(...behind)).toBeLessThan(MOST_MS);
});
