import { fileURLToPath } from "node:url";
import { type Launch, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { COUNT, held, leavePoisoned, quarantined, trap } from "../engine/poison.ts";
import { leftOf, type RecoveredBy, recover } from "./recover.ts";

const RECOVERS = fileURLToPath(new URL("programs/recovers.mjs", import.meta.url));

function expectTheRest(folder: TempFolder, stderr: string): void {
  const file = held(folder, "app.log", ["main"]);
  expect(file.problems, stderr).toEqual([]);
  expect(file.records).toBe(2 * COUNT - 1);
  expect(quarantined(file)).toEqual(["the drain died again and again while it was read"]);
  const left = leftOf(folder.file("app.log"));
  // The lane of the other thread is done with.
  expect(left.filter((name) => name.endsWith(".ring"))).toEqual([]);
  expect(left.filter((name) => name.includes(".bad.frame-"))).toHaveLength(1);
  expect(left.filter((name) => /\.ring\.bad\.\d+$/.test(name))).toHaveLength(1);
}

test("poison: a record a dead process left, of which the recovering worker dies, is left out by the start that finds it", async () => {
  using folder = new TempFolder();
  await leavePoisoned(folder);
  const stderr = await recover("start", folder.file("app.log"), { env: trap("exit", false) });
  expect(stderr).toContain("is left out: the drain died again and again while it was read");
  expectTheRest(folder, stderr);
});

test.each<[string, RecoveredBy, object]>([
  ["start with sync", "start", { sync: true }],
  ["recoverAll", "recoverAll", {}],
])(
  "poison: a record of which the process that recovers it dies kills three of them (%s) at most, and then is left out",
  async (_, by, options) => {
    using folder = new TempFolder();
    await leavePoisoned(folder);
    const path = folder.file("app.log");
    const launch: Launch = {
      input: { by, path, sinks: { file: { type: "file", path } }, options },
      env: trap("exit", true),
    };
    let outcome = await runProgram(RECOVERS, launch);
    let deaths = 0;
    for (; outcome.code === 7 && deaths < 10; deaths++) outcome = await runProgram(RECOVERS, launch);
    const { code, stderr } = outcome;
    expect(code, stderr).toBe(0);
    // One with all that was left, two with the record alone; a process that ends tries again in its last words.
    expect(deaths).toBeGreaterThanOrEqual(1);
    expect(deaths).toBeLessThanOrEqual(3);
    expectTheRest(folder, stderr);
  },
);
