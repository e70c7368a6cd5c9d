import { checkSequence } from "@spillway/testkit";
import { expect, test } from "vitest";

function lines(...seqs: number[]): string {
  return seqs.map((seq) => `${JSON.stringify({ level: 30, producer: "a", seq })}\n`).join("");
}

test("sequence: finds nothing wrong with every number once and in order", () => {
  const report = checkSequence(`${lines(0, 1, 2)}{"level":40,"dropped":3}\n`, { counts: { a: 3 } });
  expect(report.problems).toEqual([]);
  expect(report.records).toBe(3);
  expect(report.others).toEqual([{ level: 40, dropped: 3 }]);
});

test.each([
  ["a number that is missing", lines(0, 2), "missing: 1, as a 1 is missing"],
  ["a number that comes twice", lines(0, 1, 1, 2), "twice: 1, as line 3 has a 1 again"],
  ["two numbers that changed places", lines(0, 2, 1), "order: 1, as line 3: a 1 after 2"],
  ["a number nobody logged", lines(0, 1, 2, 3), "strange: 1, as line 4 has a 3, which nobody logged"],
  ["a file that ends in the middle of a line", lines(0, 1, 2).slice(0, -5), "torn: 1, as the file ends in the middle"],
  ["a line torn by another", `${lines(0, 1).slice(0, -8)}${lines(2)}`, "torn: 1, as line 2 is not whole"],
  ["an empty line", `${lines(0, 1, 2)}\n`, "torn: 1, as line 4 is not whole"],
  ["an empty file", "", "missing: 3, as a 0 is missing; a 1 is missing; a 2 is missing"],
])("sequence, seeded: finds %s", (_, text, says) => {
  const { problems } = checkSequence(text, { counts: { a: 3 } });
  expect(problems.join("\n")).toContain(says);
});

test("sequence, seeded: finds a gap where nobody knows how many there should be", () => {
  expect(checkSequence(lines(0, 1, 2), { counts: { a: Number.POSITIVE_INFINITY } }).problems).toEqual([]);
  const { problems } = checkSequence(lines(0, 2), { counts: { a: Number.POSITIVE_INFINITY } });
  expect(problems).toEqual(["missing: 1, as a 1 is missing"]);
});

test("sequence, seeded: misses only what may be missing", () => {
  const report = checkSequence(lines(0, 3), { counts: { a: 4 }, mayMiss: ({ seq }) => seq === 1 });
  expect(report.problems).toEqual(["missing: 1, as a 2 is missing"]);
});

test("sequence, seeded: finds more than the one record that had not been acknowledged", () => {
  const expected = { counts: { a: 2 }, mayHaveMore: { a: 1 } };
  expect(checkSequence(lines(0, 1), expected).problems).toEqual([]);
  expect(checkSequence(lines(0, 1, 2), expected).problems).toEqual([]);
  expect(checkSequence(lines(0, 1, 2, 3), expected).counts).toEqual({ strange: 1 });
  expect(checkSequence(lines(0, 2), expected).counts).toEqual({ missing: 1 });
});

test("sequence, seeded: finds a record that is not what was logged", () => {
  const report = checkSequence(lines(0, 1), { counts: { a: 2 }, isRight: ({ seq }) => seq === 0 });
  expect(report.counts).toEqual({ wrong: 1 });
});
