/** The process is killed while it writes, and another thread reads behind it: everything it said is in, once or again. */
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { Program, TempFolder, waitFor } from "@spillway/testkit";
import { beforeAll, expect, test } from "vitest";
import { streamsAmong } from "../../src/index.ts";
import { bundleProgram } from "./bundle-program.ts";
import { recover } from "./stream-under-test.ts";

const KILLS = process.env["SPILLWAY_LONG"] === "1" ? 500 : 8;

let code = { writer: "", reader: "" };

beforeAll(async () => {
  code = { writer: await bundleProgram("writing-program.mjs"), reader: await bundleProgram("reading-thread.mjs") };
});

interface Killed {
  /** How many numbers the program had said, from 0 on. */
  readonly said: number;
  /** Numbers the reading thread noted, and those that recovery finds behind its acks. */
  readonly taken: readonly string[];
  readonly recovered: readonly number[];
  readonly damage: readonly string[];
}

/** `afterTaken`: bytes that the reading thread has noted; on a loaded machine it may be long in starting. */
async function killWhileWriting(afterLines: number, input: object, afterTaken = 0): Promise<Killed> {
  using folder = new TempFolder();
  writeFileSync(folder.file("writer.mjs"), code.writer);
  writeFileSync(folder.file("reader.mjs"), code.reader);
  const program = new Program(folder.file("writer.mjs"), {
    input: { folder: folder.path, stream: "app.1.77.0", ...input },
  });
  await using _ = program;
  const taken = folder.file("taken.txt");
  const hasRead = (): boolean => (statSync(taken, { throwIfNoEntry: false })?.size ?? 0) >= afterTaken;
  const hasSaid = (): boolean => program.stdout.length > afterLines * 5;
  await waitFor("lines from the program", () => (hasSaid() && hasRead()) || program.hasEnded, 50_000);
  program.kill();
  const { stdout, stderr } = await program.ended();
  expect(stderr).toBe("");
  const names = streamsAmong(readdirSync(folder.path)).get("app.1.77.0") ?? [];
  const { out, damage } = recover(names.map((name) => folder.file(name)));
  for (const { seq, payload } of out) expect(payload.readUInt32LE(0)).toBe(seq);
  return {
    said: stdout.split("\n").length - 1,
    taken: folder.read("taken.txt").toString().split("\n").slice(0, -1),
    recovered: out.map(({ seq }) => seq),
    damage: damage.map(({ what }) => what),
  };
}

test("overflow: a kill at any moment loses no frame whose append had returned, and keeps their order", {
  timeout: 3_600_000,
}, async () => {
  let readBehind = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const hasReader = kill % 2 === 0;
    // The first one may be killed before its thread has read anything.
    const afterTaken = hasReader && kill > 0 ? 100 + ((kill * 7919) % 4000) : 0;
    const afterLines = 500 + ((kill * 7919) % 9000);
    const { said, taken, recovered, damage } = await killWhileWriting(afterLines, { hasReader }, afterTaken);
    expect(said).toBeGreaterThan(100);
    expect(damage.filter((what) => what !== "tail")).toEqual([]);
    expect(taken).toEqual(Array.from({ length: taken.length }, (_, i) => String(i)));
    readBehind += taken.length;
    // What was noted and not yet acked comes again; nothing in between is missing.
    const [first = taken.length] = recovered;
    expect(first).toBeLessThanOrEqual(taken.length);
    expect(recovered).toEqual(Array.from({ length: recovered.length }, (_, i) => first + i));
    expect(first + recovered.length).toBeGreaterThanOrEqual(said);
  }
  expect(readBehind).toBeGreaterThan(100);
});

test("overflow, seeded: a writer that keeps the last frame back is caught", { timeout: 120_000 }, async () => {
  const { said, recovered } = await killWhileWriting(300, { lie: true });
  expect(recovered.length).toBeLessThan(said);
});
