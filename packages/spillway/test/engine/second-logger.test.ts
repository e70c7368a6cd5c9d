import { fileURLToPath } from "node:url";
import { runProgram } from "@spillway/testkit";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/second-logger.mjs", import.meta.url));
const FIRST = { ringBytes: 131_072, whenFull: "drop", maxBlockMs: 50 };

async function toldOf(...others: object[]): Promise<string[]> {
  const sinks = { out: { type: "null" } };
  const outcome = await runProgram(PROGRAM, { input: { sinks, first: FIRST, others } });
  return JSON.parse(/^result (.*)$/m.exec(outcome.stdout)?.[1] ?? outcome.stderr) as string[];
}

test("second logger: options that the first one with the same sinks has decided are told, once", async () => {
  const second = { ringBytes: 65_536, whenFull: "drop", maxBlockMs: 100 };
  expect(await toldOf(second, second)).toEqual([
    "a logger with the same sinks was there first, and its options are in force: ringBytes stays 131072, not 65536; maxBlockMs stays 50, not 100",
  ]);
});

test("second logger: one that asks for nothing else is told nothing", async () => {
  expect(await toldOf({}, FIRST, { level: "debug", flushTimeoutMs: 5 })).toEqual([]);
});

test("second logger: one that asks for critical records where the first did not is told that there are none", async () => {
  const critical = { walPath: "/nowhere/app.wal" };
  expect(await toldOf({ critical }, { critical })).toEqual([
    "a logger with the same sinks was there first, and decided what is critical: no record is critical",
  ]);
});
