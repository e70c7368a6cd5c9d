/** Files stay small enough to be read in one go, and are named for the one thing they hold. */
import type { Finding } from "./finding.ts";
import { filesBelow, readSource } from "./tree.ts";

/** Above this a file is worth a look. */
export const SOFT_LIMIT_LINES = 300;
/** Above this a file holds more than one thing. */
const HARD_LIMIT_LINES = 400;

/** Words that say nothing about what is inside. */
const EMPTY_WORDS = /^(utils?|utilities|helpers?|commons?|misc|managers?|stuff)$/;

/** Code that people read; tests may list as many cases as they need. */
const CODE = /^(packages\/[^/]+\/(src|build|run)|bench)\/.*\.[cm]?[jt]sx?$/;
const TEST = /\/test\//;
const NAMED = /^(packages|bench|docs)\/.*\.([cm]?[jt]sx?|md)$/;

export function guardLength(root: string): Finding[] {
  return longFiles(root, HARD_LIMIT_LINES).map(({ file, lines }) => ({
    file,
    line: HARD_LIMIT_LINES + 1,
    says: `${lines} lines; ${HARD_LIMIT_LINES} is the most. It holds more than one thing: give the second a file of its own.`,
  }));
}

/** Code above a limit, longest first. */
export function longFiles(root: string, limit: number): { file: string; lines: number }[] {
  return filesBelow(root)
    .filter((file) => CODE.test(file) && !TEST.test(file))
    .map((file) => ({ file, lines: countLines(readSource(root, file).text) }))
    .filter(({ lines }) => lines > limit)
    .sort((a, b) => b.lines - a.lines);
}

export function guardNames(root: string): Finding[] {
  return filesBelow(root)
    .filter((file) => NAMED.test(file))
    .flatMap((file) => {
      const empty = file.split(/[/.\-_]/).find((word) => EMPTY_WORDS.test(word.toLowerCase()));
      if (empty === undefined) return [];
      return [{ file, line: 1, says: `"${empty}" does not say what is inside. Name the file for the thing it holds.` }];
    });
}

function countLines(text: string): number {
  const breaks = text.split("\n").length;
  return text.endsWith("\n") ? breaks - 1 : breaks;
}
