/**
 * What a source file imports, found by a parser: text inside strings and comments is not an import, and an import
 * written in an unusual way still is one.
 */
import { parseSync, Visitor } from "oxc-parser";
import { lineAt } from "./finding.ts";
import type { SourceFile } from "./tree.ts";

export interface Import {
  specifier: string;
  line: number;
  /**
   * `static`: loaded with the file. `lazy`: loaded when the line runs (`import()`, `require()`).
   * `type`: gone after compilation.
   */
  kind: "static" | "lazy" | "type";
}

/** Throws when the file does not parse: a guard that cannot read a file must not call it clean. */
export function importsOf(source: SourceFile): Import[] {
  const { program, errors } = parseSync(source.file, source.text);
  const [error] = errors;
  if (error) throw new Error(`${source.file} does not parse: ${error.message}`);

  const found: Import[] = [];
  const add = (node: Node, kind: Import["kind"]): void => {
    const specifier = constantText(node);
    if (specifier !== undefined) found.push({ specifier, line: lineAt(source.text, node.start), kind });
  };

  const visitor = new Visitor({
    ImportDeclaration(node) {
      add(node.source, node.importKind === "type" ? "type" : "static");
    },
    ExportNamedDeclaration(node) {
      if (node.source) add(node.source, node.exportKind === "type" ? "type" : "static");
    },
    ExportAllDeclaration(node) {
      add(node.source, node.exportKind === "type" ? "type" : "static");
    },
    ImportExpression(node) {
      add(node.source, "lazy");
    },
    TSImportType(node) {
      add(node.source, "type");
    },
    TSExternalModuleReference(node) {
      add(node.expression, "static");
    },
    CallExpression(node) {
      const [argument] = node.arguments;
      if (node.callee.type !== "Identifier" || node.callee.name !== "require") return;
      if (argument) add(argument, "lazy");
    },
  });
  visitor.visit(program);
  return found.sort((a, b) => a.line - b.line);
}

interface Node {
  type: string;
  start: number;
}

/** The text of a string or of a template without holes. A name put together at run time is nobody's import. */
function constantText(
  node: Node & { value?: unknown; quasis?: { value: { cooked: string | null } }[] },
): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  const [only, second] = node.quasis ?? [];
  return node.type === "TemplateLiteral" && !second ? (only?.value.cooked ?? undefined) : undefined;
}
