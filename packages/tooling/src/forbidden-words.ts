/** The words the words guard looks for, and the files in which they may stand. */

interface ForbiddenWord {
  word: string;
  pattern: RegExp;
  says: string;
}

const PLACE = "Nobody else has this place. Write a path below the repository, or a made-up one like /var/log/app.";

export const FORBIDDEN_WORDS: readonly ForbiddenWord[] = [
  {
    word: "machine path",
    pattern: /(^|[^\w.~/-])\/(work|root)(\/|\b(?![\w-]))/,
    says: `names a path of one machine. ${PLACE}`,
  },
  {
    word: "shared folder",
    pattern: /(^|[^.\w])\.\.\/shared\b/,
    says: `names a folder outside the repository. ${PLACE}`,
  },
  {
    word: "session",
    pattern: /\bsessions?\b/i,
    says: 'says "session". A life of a ring is an epoch; how the work was done does not belong in the repository.',
  },
  {
    word: "issue number",
    pattern: /\bissues? #\s?\d*/i,
    says: "refers to an issue by number. Say what it was about: the tracker may be elsewhere tomorrow.",
  },
];

interface WordException {
  word: string;
  where: RegExp;
  why: string;
}

export const WORD_EXCEPTIONS: readonly WordException[] = [
  ...FORBIDDEN_WORDS.map(({ word }) => ({
    word,
    where: /^packages\/tooling\/src\/forbidden-words\.ts$/,
    why: "The list itself.",
  })),
  {
    word: "session",
    where: /^packages\/tooling\/src\/load-probe\.mjs$/,
    why: "The name of a class of node:inspector.",
  },
];
