import { expect, test } from "vitest";
import { withoutWritten } from "../src/written.ts";

const OURS = "ours 1\nours 2\nours 3\n";

const LINES = [1, 2, 3].map((n) => `{"producer":"ours","seq":${n}}\n`);
const THEIRS = '{"producer":"ours","seq":{"not":"ours"}}\n';

test.each([
  ["in front of another's line", [LINES[0]!, LINES[1]!.slice(0, 20), THEIRS], [[1, 20]]],
  ["on a line of its own", [LINES[0]!, LINES[1]!.slice(0, 20), "\n", THEIRS], [[1, 20]]],
  ["of the first line", [THEIRS, LINES[0]!.slice(0, 25), THEIRS], [[1, 25]]],
  ["of the first line, on a line of its own", [LINES[0]!.slice(0, 25), "\n"], [[0, 25]]],
  ["at the end, which is to be finished", [LINES[0]!, LINES[1]!.slice(0, 20)], []],
  ["so short that it may be anybody's", [LINES[0]!.slice(0, 10), "\n", THEIRS], []],
  ["that is another's whole line", [THEIRS, LINES[0]!, THEIRS], []],
])("written: a piece of a line %s", (_, parts, expected) => {
  const starts = parts.map((_part, index) => parts.slice(0, index).join("").length);
  const { pieces } = withoutWritten(Buffer.from(parts.join("")), Buffer.from(LINES.join("")));
  expect(pieces).toEqual(expected.map(([part, length]) => ({ from: starts[part!]!, to: starts[part!]! + length! })));
});

test.each([
  ["nothing of it", "", OURS, ""],
  ["all of it", OURS, "", ""],
  ["all of it, and what may be of the next batch", `${OURS}ours 4\nou`, "", "ours 4\nou"],
  ["half of a line at the end", "ours 1\nou", "rs 2\nours 3\n", ""],
  ["half of its first line", "our", "s 1\nours 2\nours 3\n", ""],
  ["another's lines alone", "theirs 1\ntheirs 2\n", OURS, "theirs 1\ntheirs 2\n"],
  ["another's lines before it and behind", `theirs 1\n${OURS}theirs 2\n`, "", "theirs 2\n"],
  ["half of a line behind another's", "theirs 1\nours 1\nours", " 2\nours 3\n", ""],
  ["half of a line in front of another's", "ours 1\nours theirs 1\n", "ours 2\nours 3\n", "theirs 1\n"],
  ["pieces of two attempts", "ours 1\nours theirs 1\nours 2\n", "ours 3\n", ""],
  ["pieces of two attempts, the second cut too", "ours 1\nours theirs 1\nours 2\no", "urs 3\n", ""],
  ["its first line inside of another's", "theirs ours 1\n", OURS, "theirs ours 1\n"],
  ["its first line twice", `ours 1\ntheirs 1\n${OURS}`, "", ""],
])("written: of a write that was cut short, finds %s", (_, tail, rest, behind) => {
  const found = withoutWritten(Buffer.from(tail), Buffer.from(OURS));
  expect(Buffer.from(found.rest).toString()).toBe(rest);
  expect(Buffer.from(found.tail).toString()).toBe(behind);
});
