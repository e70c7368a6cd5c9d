import { expect, test } from "vitest";
import { withoutWritten } from "../src/written.ts";

const OURS = "ours 1\nours 2\nours 3\n";

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
