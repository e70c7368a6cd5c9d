import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSequence, Program, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { recover } from "../crash/recover.ts";
import { losePower } from "./lives.ts";

const PROGRAM = fileURLToPath(new URL("programs/threads.mjs", import.meta.url));
const COUNT = 100;
const COUNTS = { main: COUNT, first: COUNT, second: COUNT, third: COUNT, fourth: COUNT };

function start(folder: TempFolder, end: string): Program {
  const sinks = { file: { type: "file", path: folder.file("app.log") } };
  return new Program(PROGRAM, { input: { sinks, options: { critical: {} }, count: COUNT, end } });
}

const logsIn = (folder: TempFolder): string[] =>
  existsSync(folder.file(".spillway"))
    ? readdirSync(folder.file(".spillway")).filter((name) => name.includes(".wal."))
    : [];

test("critical: threads have logs of their own, those of a lane go on with one, and each is recovered", async () => {
  for (const isPowerLost of [false, true]) {
    using folder = new TempFolder();
    await using program = start(folder, "stay");
    await program.heard("durable");
    expect(logsIn(folder).filter((name) => name.endsWith(".owner")).length).toBeGreaterThanOrEqual(3);
    program.kill();
    await program.ended();
    if (isPowerLost) losePower(folder.file("app.log"));
    await recover("start", folder.file("app.log"), { options: { critical: {} } });
    const { problems, found } = checkSequence(folder.read("app.log"), { counts: COUNTS });
    if (!isPowerLost) expect(problems).toEqual([]);
    expect(found).toEqual(COUNTS);
    expect(logsIn(folder)).toEqual([]);
  }
});

test("critical: the clean end of a program removes the logs of all its threads", async () => {
  using folder = new TempFolder();
  await using program = start(folder, "shutdown");
  const { code, stderr } = await program.ended();
  expect([code, stderr]).toEqual([0, ""]);
  expect(checkSequence(folder.read("app.log"), { counts: COUNTS }).problems).toEqual([]);
  expect(logsIn(folder)).toEqual([]);
});
