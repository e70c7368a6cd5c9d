/** What is left when the drain worker has died, the sinks take nothing, and the program ends: the ring's file. */
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSequence, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { leftOf } from "./recover.ts";

const PROGRAM = fileURLToPath(new URL("../engine/programs/exit.mjs", import.meta.url));
const COMMAND = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const COUNT = 5000;

test("emergency: the worker dead and the sinks taking nothing, the ring's file stays at the end, and spillway recover reads it", async () => {
  using folder = new TempFolder();
  const mark = folder.file("mark");
  const module = new URL("../engine/fixtures/misbehaving-sink.mjs", import.meta.url).href;
  const log = folder.file("app.log");
  // A folder in the place of the log: the file sink cannot open it.
  mkdirSync(log);
  const sinks = {
    file: { type: "file", path: log },
    bad: { type: "module", module, options: { how: "exit", mark } },
  };
  const input = { sinks, count: COUNT, end: "process.exit", mark, options: { exitTimeoutMs: 500 } };
  const outcome = await runProgram(PROGRAM, { input, killAfterMs: 20_000 });
  expect(outcome.code, outcome.stderr).toBe(3);
  expect(outcome.stderr).toContain(`not delivered (file: ${COUNT + 1}`);
  const [ring = "", ...others] = leftOf(log);
  expect(ring).toMatch(/^app\.log\.\d+\.[0-9a-f]{8}\.0\.ring$/);
  expect(others).toEqual([]);
  rmSync(log, { recursive: true });
  const args = ["recover", folder.file(".spillway", ring), "-o", folder.file("all.log")];
  const recovered = await runProgram(COMMAND, { args });
  expect(recovered.code, recovered.stderr).toBe(0);
  expect(checkSequence(folder.read("all.log"), { counts: { main: COUNT + 1 } }).problems).toEqual([]);
  expect(leftOf(log)).toEqual([ring]);
});
