/** What our documents say, taken apart: the links and the blocks of code of a Markdown file. */
import { filesBelow, readSource } from "./tree.ts";

export interface DocumentLink {
  readonly text: string;
  readonly target: string;
  readonly line: number;
}

export interface CodeBlock {
  /** What stands behind the opening fence: `js run`. */
  readonly info: string;
  readonly code: string;
  /** Of the fence. */
  readonly line: number;
}

export interface MarkdownDocument {
  /** Below the root, with forward slashes. */
  readonly file: string;
  /** Outside of blocks of code; inside of them, empty. */
  readonly prose: readonly string[];
  readonly links: readonly DocumentLink[];
  readonly blocks: readonly CodeBlock[];
}

const FENCE = /^\s*```(.*)$/;
const LINK = /\[((?:[^[\]]|\[[^[\]]*\])*)\]\(([^()\s]+)\)/g;
/** Code that only looks like a link. */
const LINK_IN_CODE = /`[^`]*\]\([^`]*`/g;

/** All Markdown files of a tree but those of tests' fixtures. */
export function readDocuments(root: string): MarkdownDocument[] {
  return filesBelow(root)
    .filter((file) => file.endsWith(".md") && !/\/(fixtures|golden)\//.test(file))
    .map((file) => parseDocument(file, readSource(root, file).text));
}

export function parseDocument(file: string, text: string): MarkdownDocument {
  const prose: string[] = [];
  const links: DocumentLink[] = [];
  const blocks: CodeBlock[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    const fence = FENCE.exec(content);
    prose.push(fence === null && open === undefined ? content : "");
    if (fence !== null) {
      if (open === undefined) open = { info: (fence[1] ?? "").trim(), line, lines: [] };
      else {
        blocks.push({ info: open.info, line: open.line, code: open.lines.map((code) => `${code}\n`).join("") });
        open = undefined;
      }
    } else if (open !== undefined) open.lines.push(content);
    else {
      for (const [, label = "", target = ""] of content.replace(LINK_IN_CODE, "").matchAll(LINK)) {
        links.push({ text: label, target, line });
      }
    }
  }
  return { file, prose, links, blocks };
}

/** Names under which headings can be linked to, as GitHub makes them. */
export function anchorsOf(document: MarkdownDocument): Set<string> {
  const anchors = new Set<string>();
  for (const line of document.prose) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replace(LINK, "$1").toLowerCase();
    anchors.add(plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-"));
  }
  return anchors;
}
