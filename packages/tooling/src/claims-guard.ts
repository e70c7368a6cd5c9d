/**
 * What a document promises, a test shows. A test is named by a link: its text is the name of the test, its target the
 * file the test is in. Two documents must name one in every row that promises something.
 */
import path from "node:path";
import { type DocumentLink, type MarkdownDocument, parseDocument, readDocuments } from "./documents.ts";
import type { Finding } from "./finding.ts";
import { type TestName, testNamesOf } from "./test-names.ts";
import { filesBelow, readSource } from "./tree.ts";

const TEST_FILE = /\.test\.(ts|mjs)$/;
/** A cell that takes no test: it promises nothing. */
const NOTHING = /not promised|next release|by design/;
const FEATURE_ROW = /^\| (S\d)\.(\d+) \|.*\| (done|partly|later) \|([^|]*)\|$/;

/** Links to tests, in all documents: the test must be there, and show what its name says. */
export function guardTestLinks(root: string): Finding[] {
  const known = new Map<string, TestName[]>();
  const testsIn = (file: string): TestName[] => {
    const tests = known.get(file) ?? testNamesOf(readSource(root, file));
    known.set(file, tests);
    return tests;
  };
  const files = new Set(filesBelow(root).filter((file) => TEST_FILE.test(file)));
  return readDocuments(root).flatMap((document) =>
    testLinks(document).flatMap(({ text, target, line }) => {
      const file = path.posix.join(path.posix.dirname(document.file), target);
      // A file as a whole is named as code. What is not there is the link guard's.
      if (/^`.*`$/.test(text) || !files.has(file)) return [];
      const test = testsIn(file).find(({ pattern }) => pattern.test(text));
      if (test?.shows === true) return [];
      const says = test === undefined ? "is no test in" : "is expected to fail, or left out, in";
      return [{ file: document.file, line, says: `"${text}" ${says} ${file}. Name a test that shows it.` }];
    }),
  );
}

function testLinks(document: MarkdownDocument): DocumentLink[] {
  return document.links.filter(({ target }) => TEST_FILE.test(target));
}

/** Rows of tables whose last column is `shown by`: a test, or a word that says that there is none. */
export function guardPromises(root: string, file: string): Finding[] {
  const { prose } = parseDocument(file, readSource(root, file).text);
  const findings: Finding[] = [];
  let isTable = false;
  for (const [index, line] of prose.entries()) {
    if (/\| shown by \|$/.test(line)) isTable = true;
    else if (!line.startsWith("|")) isTable = false;
    else if (isTable && !line.startsWith("|---")) {
      const cell = line.split(" | ").at(-1) ?? "";
      if (TEST_FILE.test(cell.replace(/\)[^)]*$/, "")) || NOTHING.test(cell)) continue;
      findings.push({
        file,
        line: index + 1,
        says: "promises something that no test shows. Name one, or take it back.",
      });
    }
  }
  return findings;
}

/** The list of features: none left out, a test for each that is done, and the sums at its head are right. */
export function guardFeatures(root: string, file: string, sizes: Readonly<Record<string, number>>): Finding[] {
  const { prose } = parseDocument(file, readSource(root, file).text);
  const findings: Finding[] = [];
  const sums: Record<string, number> = { done: 0, partly: 0, later: 0 };
  const seen = new Set<string>();
  for (const [index, line] of prose.entries()) {
    const [, list = "", number = "", status = "", tests = ""] = FEATURE_ROW.exec(line) ?? [];
    if (status === "") {
      if (/^\| S\d\.\d/.test(line))
        findings.push({ file, line: index + 1, says: "is no row of id, feature, status, test." });
      continue;
    }
    seen.add(`${list}.${number}`);
    sums[status] = (sums[status] ?? 0) + 1;
    if (status === "done" && !tests.includes(".test.")) {
      findings.push({
        file,
        line: index + 1,
        says: `${list}.${number} is done, and no test says so. Name it, or say partly.`,
      });
    }
  }
  for (const [list, size] of Object.entries(sizes)) {
    for (let number = 1; number <= size; number++) {
      if (!seen.has(`${list}.${number}`)) findings.push({ file, line: 1, says: `has no row ${list}.${number}.` });
    }
  }
  const total = `${sums["done"]} done, ${sums["partly"]} partly, ${sums["later"]} later`;
  if (!prose.some((line) => line.includes(total))) findings.push({ file, line: 1, says: `does not say "${total}".` });
  return findings;
}
