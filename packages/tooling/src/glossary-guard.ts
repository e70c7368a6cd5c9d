/** One word per thing: looks at the names a source gives away (its own and its exports') for second words. */
import { parseSync, Visitor } from "oxc-parser";
import { type Finding, lineAt } from "./finding.ts";
import { SECOND_WORDS } from "./glossary.ts";
import { packageOf, packageSources, type SourceFile } from "./tree.ts";

interface Name {
  name: string;
  line: number;
}

export function guardGlossary(root: string): Finding[] {
  return packageSources(root)
    .filter(({ file }) => packageOf(file) !== "tooling")
    .flatMap((source) => [fileName(source), ...exportedNames(source)].flatMap((name) => objections(source.file, name)));
}

function objections(file: string, { name, line }: Name): Finding[] {
  const words = wordsOf(name);
  return SECOND_WORDS.filter(({ word, exceptIn }) => words.has(word) && !exceptIn?.test(file)).map(
    ({ word, ours }) => ({ file, line, says: `${name}: "${word}" is a second word. Ours is: ${ours}.` }),
  );
}

/** `ringBufferSize` is made of ring, buffer and size, and of the pairs: foreign words come in two parts as well. */
function wordsOf(name: string): Set<string> {
  const parts = (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g) ?? []).map((part) => part.toLowerCase());
  return new Set([...parts, ...parts.slice(1).map((part, index) => `${parts[index]}${part}`)]);
}

function fileName({ file }: SourceFile): Name {
  return { name: file.slice(file.lastIndexOf("/") + 1).replace(/\.[cm]?tsx?$/, ""), line: 1 };
}

function exportedNames(source: SourceFile): Name[] {
  const names: Name[] = [];
  const add = (id: { type: string; start: number; name?: unknown } | null): void => {
    if (typeof id?.name === "string") names.push({ name: id.name, line: lineAt(source.text, id.start) });
  };
  const visitor = new Visitor({
    ExportNamedDeclaration({ declaration }) {
      if (declaration?.type === "VariableDeclaration") for (const { id } of declaration.declarations) add(id);
      else if (declaration && "id" in declaration) add(declaration.id);
    },
    ExportSpecifier({ exported }) {
      add(exported);
    },
  });
  visitor.visit(parseSync(source.file, source.text).program);
  return names;
}
