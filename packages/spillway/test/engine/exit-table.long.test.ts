/** The whole table of `exit-table.test.ts`. */
import { expect, test } from "vitest";
import { ENDS, type End, EXIT_TIMEOUT_MS, runCell, STATES, type StateName } from "./exit-table.ts";

const CELLS = (Object.keys(ENDS) as End[]).flatMap((end) =>
  (Object.keys(STATES) as StateName[]).map((state) => [end, state] as const),
);

test.each(CELLS)(
  "exit: %s loses nothing and keeps its exit code with the worker %s, whole table",
  async (end, state) => {
    const cell = await runCell(end, state);
    expect(cell.problems, cell.stderr).toEqual([]);
    expect(cell.records).toBe(cell.expectedRecords);
    expect(cell.code, cell.stderr).toBe(cell.expectedCode);
    expect(cell.endedAfterMs).toBeLessThan(EXIT_TIMEOUT_MS + 1000);
  },
);
