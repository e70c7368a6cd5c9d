import { renameSync, statSync, writeFileSync } from "node:fs";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { OutputMark } from "../src/output-mark.ts";

const RECORDS = "a record\n";

interface Place {
  readonly output: string;
  readonly ring: string;
  /** An output that is about to take the name, with the records of the ring. */
  readonly noteNext: () => void;
  readonly rename: () => void;
}

function place(folder: TempFolder): Place {
  const [output, next, ring] = [folder.file("all.log"), folder.file("all.log.partial"), folder.file("one.ring")];
  writeFileSync(output, RECORDS);
  writeFileSync(next, RECORDS + RECORDS);
  writeFileSync(ring, "");
  return {
    output,
    ring,
    noteNext: () => new OutputMark(output).note(statSync(next).ino, 2 * RECORDS.length, [ring]),
    rename: () => renameSync(next, output),
  };
}

test("output mark: killed before the output has its name, the old one is known to have nothing of it", () => {
  using folder = new TempFolder();
  const { output, ring, noteNext, rename } = place(folder);
  noteNext();
  expect(new OutputMark(output).has([ring])).toBe(false);
  rename();
  expect(new OutputMark(output).has([ring])).toBe(true);
});

test("output mark: a ring file of the same name is not the one it was, nor is what was cut, or has another's number", () => {
  using folder = new TempFolder();
  const { output, ring, noteNext, rename } = place(folder);
  noteNext();
  rename();
  writeFileSync(folder.file("another"), "");
  renameSync(folder.file("another"), ring);
  expect(new OutputMark(output).has([ring])).toBe(false);
  writeFileSync(output, RECORDS);
  expect(new OutputMark(output).has([])).toBe(false);
});

test("output mark: one that cannot be read says nothing", () => {
  using folder = new TempFolder();
  const { output, ring, noteNext, rename } = place(folder);
  noteNext();
  rename();
  writeFileSync(`${output}.recovered`, '[{"identity":');
  expect(new OutputMark(output).has([ring])).toBe(false);
});
