import { expect, test } from "vitest";
import { ENDS, type End, EXIT_TIMEOUT_MS, runCell, STATES, type StateName } from "./exit-table.ts";

/** Every way to end with a healthy worker, and every state of the worker with the ways that differ most. */
const SAMPLE: readonly (readonly [End, StateName])[] = [
  ...(Object.keys(ENDS) as End[]).map((end) => [end, "alive"] as const),
  ...(Object.keys(STATES) as StateName[]).flatMap((state) =>
    state === "alive" ? [] : [["process.exit", state] as const],
  ),
  ["natural", "not up yet"],
  ["natural", "held up by a sink that refuses everything"],
  ["exit-handler-after", "blocked in a sink's write"],
  ["throw", "dead, because a sink called process.exit"],
];

test.each(SAMPLE)("exit: %s loses nothing and keeps its exit code with the worker %s", async (end, state) => {
  const cell = await runCell(end, state);
  expect(cell.problems, cell.stderr).toEqual([]);
  expect(cell.records).toBe(cell.expectedRecords);
  expect(cell.code, cell.stderr).toBe(cell.expectedCode);
  expect(cell.endedAfterMs).toBeLessThan(EXIT_TIMEOUT_MS + 1000);
});
