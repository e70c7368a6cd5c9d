/** What is committed must make sense to somebody who has only the repository. */
import type { Finding } from "./finding.ts";
import { FORBIDDEN_WORDS, WORD_EXCEPTIONS } from "./forbidden-words.ts";
import { filesBelow, readSource } from "./tree.ts";

/** Files with text of other people: package names and addresses we did not choose. */
const NOT_READ = /(^|\/)package-lock\.json$|\.(png|jpe?g|gif|ico|woff2?|ring|bin|gz|zst|wasm)$/;

export function guardWords(root: string): Finding[] {
  return filesBelow(root)
    .filter((file) => !NOT_READ.test(file))
    .flatMap((file) => guardFile(file, readSource(root, file).text));
}

function guardFile(file: string, text: string): Finding[] {
  return text.split("\n").flatMap((content, index) =>
    FORBIDDEN_WORDS.flatMap(({ word, pattern, says }) => {
      if (!pattern.test(content)) return [];
      if (WORD_EXCEPTIONS.some((exception) => exception.word === word && exception.where.test(file))) return [];
      return [{ file, line: index + 1, says }];
    }),
  );
}
