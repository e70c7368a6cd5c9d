/** Every relative link in a document leads to something that is there. */
import { existsSync } from "node:fs";
import path from "node:path";
import { anchorsOf, type DocumentLink, type MarkdownDocument, readDocuments } from "./documents.ts";
import type { Finding } from "./finding.ts";

export function guardLinks(root: string): Finding[] {
  const documents = readDocuments(root);
  const byFile = new Map(documents.map((document) => [document.file, document]));
  return documents.flatMap((document) =>
    document.links
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .flatMap((link) => guardLink(root, byFile, document, link)),
  );
}

function guardLink(
  root: string,
  byFile: ReadonlyMap<string, MarkdownDocument>,
  from: MarkdownDocument,
  { target, line }: DocumentLink,
): Finding[] {
  const [place = "", anchor] = target.split("#");
  const file = place === "" ? from.file : path.posix.join(path.posix.dirname(from.file), place);
  if (file.startsWith("..") || place.startsWith("/")) {
    return [{ file: from.file, line, says: `${target} leads out of the repository. Link to what a reader has.` }];
  }
  if (!existsSync(path.join(root, file))) {
    return [{ file: from.file, line, says: `${target} leads to nothing. Correct the path, or the tree.` }];
  }
  const document = byFile.get(file);
  if (anchor === undefined || document === undefined || anchorsOf(document).has(anchor)) return [];
  return [{ file: from.file, line, says: `${target} names a heading that is not there. Correct the name behind #.` }];
}
