import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { checkSequence, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "./obedient-program.ts";

const MISBEHAVING = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
const RING_BYTES = 64 * 1024;

function farFilesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".far"));
}

test("large: records larger than half a lane are delivered in their order, and the files that held them are gone", async () => {
  using folder = new TempFolder();
  const sinks = { file: { type: "file", path: folder.file("app.log") } };
  await using program = new ObedientProgram({ sinks, options: { ringBytes: RING_BYTES } });
  await program.log(5);
  await program.log(5, RING_BYTES);
  await program.log(5);
  await program.flush();
  expect(checkSequence(folder.read("app.log"), { counts: { main: 15 } }).problems).toEqual([]);
  expect(await program.accounts()).toMatchObject({ accepted: 15, dropped: {}, sinks: { file: { delivered: 15 } } });
  expect(existsSync(folder.file(".spillway"))).toBe(true);
  expect(farFilesIn(folder.file(".spillway"))).toEqual([]);
});

test("large: a record that is dropped leaves no file behind", async () => {
  using folder = new TempFolder();
  const sinks = {
    file: { type: "file", path: folder.file("app.log") },
    stalled: { type: "module", module: MISBEHAVING, options: { how: "refuse", until: folder.file("opens") } },
  };
  await using program = new ObedientProgram({ sinks, options: { ringBytes: RING_BYTES, whenFull: "drop" } });
  await program.log(5, RING_BYTES);
  await program.log(1000);
  await program.log(20, RING_BYTES);
  expect((await program.accounts()).dropped["full"]).toBeGreaterThan(20);
  expect(farFilesIn(folder.file(".spillway"))).toHaveLength(5);
  writeFileSync(folder.file("opens"), "");
  await program.flush();
  expect(farFilesIn(folder.file(".spillway"))).toEqual([]);
});
