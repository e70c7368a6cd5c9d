import { closeSync, constants, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { checkSequence, makeFifo, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { ObedientProgram } from "./obedient-program.ts";

const COUNT = 20_000;

/** A pipe with this test at its reading end, and a descriptor of its writing end. */
function pipe(folder: TempFolder): { fifo: ReturnType<typeof makeFifo>; fd: number } {
  const fifo = makeFifo(folder.file("stdout"));
  fifo.open();
  return { fifo, fd: openSync(fifo.path, constants.O_WRONLY) };
}

test("stdout: is where the records go when no sink is named", async () => {
  await using program = new ObedientProgram({});
  await program.log(COUNT);
  const outcome = await program.end();
  expect(checkSequence(program.stdout, { counts: { main: COUNT } }).problems).toEqual([]);
  expect(outcome.stderr).toBe("");
});

test("stdout: a pipe that nobody reads for two seconds gets every record once, and the app does not wait", async () => {
  using folder = new TempFolder();
  const { fifo, fd } = pipe(folder);
  await using program = new ObedientProgram({ stdout: fd });
  closeSync(fd);
  expect((await program.log(COUNT)).tookMs).toBeLessThan(1000);
  await pause(2000);
  const parts: Buffer[] = [];
  const reader = setInterval(() => parts.push(fifo.read()), 5);
  await program.flush();
  await program.end();
  clearInterval(reader);
  parts.push(fifo.read());
  fifo.close();
  expect(checkSequence(Buffer.concat(parts), { counts: { main: COUNT } }).problems).toEqual([]);
});

test("stdout: a slow reader gets every record although the program has ended its work", async () => {
  using folder = new TempFolder();
  const { fifo, fd } = pipe(folder);
  await using program = new ObedientProgram({ stdout: fd, options: { exitTimeoutMs: 10_000 } });
  closeSync(fd);
  await program.log(COUNT);
  const parts: Buffer[] = [];
  const reader = setInterval(() => parts.push(fifo.read()), 50);
  const outcome = await program.exit(3);
  expect(outcome).toMatchObject({ code: 3, stderr: "" });
  clearInterval(reader);
  parts.push(fifo.read());
  fifo.close();
  expect(checkSequence(Buffer.concat(parts), { counts: { main: COUNT } }).problems).toEqual([]);
});

test("stdout: a reader that goes away, as head does, ends the output and nothing else", async () => {
  using folder = new TempFolder();
  const { fifo, fd } = pipe(folder);
  await using program = new ObedientProgram({ stdout: fd });
  closeSync(fd);
  await program.log(COUNT);
  const first = await waitFor("the first line", () => fifo.read().toString().split("\n")[0] || undefined);
  expect(JSON.parse(first)).toMatchObject({ seq: 0 });
  fifo.close();
  await program.log(1000);
  await program.flush();
  const outcome = await program.end();
  expect(outcome).toMatchObject({ code: 0, signal: null, stderr: "" });
});

test("stdout: a pipe that nobody reads at all holds up the end of the process no longer than exitTimeoutMs", async () => {
  using folder = new TempFolder();
  const { fifo, fd } = pipe(folder);
  await using program = new ObedientProgram({ stdout: fd, options: { exitTimeoutMs: 500 } });
  closeSync(fd);
  await program.log(COUNT);
  const before = performance.now();
  const outcome = await program.exit(3);
  expect(performance.now() - before).toBeLessThan(1500);
  expect(outcome.code).toBe(3);
  expect(outcome.stderr).toMatch(/not delivered \(stdout: \d+\)/);
  fifo.close();
});

test("file: a named pipe that nobody has opened keeps the records until somebody does", async () => {
  using folder = new TempFolder();
  const fifo = makeFifo(folder.file("app.fifo"));
  await using program = new ObedientProgram({ sinks: { file: { type: "file", path: fifo.path } } });
  await program.log(COUNT);
  await waitFor("the trouble to be told", () => program.stderr.includes("ENXIO"));
  fifo.open();
  const parts: Buffer[] = [];
  const reader = setInterval(() => parts.push(fifo.read()), 5);
  await program.flush();
  await program.end();
  clearInterval(reader);
  parts.push(fifo.read());
  fifo.close();
  expect(checkSequence(Buffer.concat(parts), { counts: { main: COUNT } }).problems).toEqual([]);
});

test("null: takes everything and counts it", async () => {
  await using program = new ObedientProgram({ sinks: { out: { type: "null" } } });
  await program.log(1000);
  await program.flush();
  expect((await program.accounts()).sinks["out"]).toMatchObject({ delivered: 1000, pending: 0 });
  expect((await program.end()).stderr).toBe("");
});
