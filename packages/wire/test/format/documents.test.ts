/** The worked examples in docs/formats are what the code makes, byte for byte. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as core from "@spillway/core";
import * as ring from "@spillway/ring";
import { expect, test } from "vitest";
import { ringExample, wireExample } from "./examples.ts";
import { dumpsIn } from "./hex-dump.ts";

function document(name: string): string {
  return readFileSync(path.join(import.meta.dirname, "../../../../docs/formats", name), "utf8");
}

test("docs/formats/ring.md: the example lane is what the code makes", () => {
  expect(dumpsIn(document("ring.md"))).toEqual([ringExample()]);
});

test("docs/formats/wire.md: the example dictionary and record are what the code makes", () => {
  const { dictionary, record } = wireExample();
  expect(dumpsIn(document("wire.md"))).toEqual([dictionary, record]);
});

/** Cells of all rows of tables in a document. */
function rowsOf(name: string): string[][] {
  return document(name)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .slice(2, -2)
        .split(" | ")
        .map((cell) => cell.trim()),
    );
}

/** Names in the tables that are not constants of the code, in which case the examples show their places. */
const FLOATS = new Set(["CLOCK", "ACCEPTED_BY_CLASS", "DROPPED_BY_REASON", "LANE_INODES"]);

test("docs/formats/ring.md: fields of the control page and of the lane's header are where the constants say", () => {
  const constants: Record<string, unknown> = { ...core, ...ring };
  const renamed: Record<string, string> = { ACCEPTED: "ACCEPTED_BY_CLASS", DROPPED: "DROPPED_BY_REASON" };
  let checked = 0;
  for (const row of rowsOf("ring.md")) {
    if (row.length !== 7 || !/^\d+$/.test(row[0]!)) continue;
    const name = renamed[row[3]!] ?? row[3]!;
    const constant = name === "SINK_COUNTERS" ? core.SINK_COUNTER_BASE * 2 : constants[name];
    if (typeof constant !== "number") continue;
    const bytes = FLOATS.has(name) ? constant * 8 : constant * 4;
    expect(`${name} at ${row[0]}`).toBe(`${name} at ${bytes}`);
    checked++;
  }
  // All but the commit slots, whose constant counts bytes, and the spare words.
  expect(checked).toBe(26 + 15);
});

test("docs/formats: kinds and tags have the numbers the constants have", () => {
  const constants: Record<string, unknown> = { ...core };
  let checked = 0;
  for (const [document, prefixes] of [
    ["ring.md", ["FRAME_"]],
    ["wire.md", ["TAG_", "ENTRY_"]],
  ] as const) {
    for (const row of rowsOf(document)) {
      const prefix = prefixes.find((one) => `${one}${row[1]}` in constants);
      if (prefix === undefined || !/^\d+$/.test(row[0]!)) continue;
      const known = prefixes.map((one) => constants[`${one}${row[1]}`]);
      expect(known, row[1]).toContain(Number(row[0]));
      checked++;
    }
  }
  expect(checked).toBe(5 + 18 + 3);
});
