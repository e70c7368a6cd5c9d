/** The names of the tests in a file, found by a parser: so that a document can say which test shows what it says. */
import { parseSync, Visitor } from "oxc-parser";
import type { SourceFile } from "./tree.ts";

export interface TestName {
  /** Matches the name, and for a test over many cases the name of each. */
  readonly pattern: RegExp;
  /** Whether it passes when what it describes holds: not for `fails`, `todo` and `skip`. */
  readonly shows: boolean;
}

const DOES_NOT_SHOW = new Set(["fails", "todo", "skip"]);
/** What vitest fills in, in the names of tests over many cases. */
const HOLE = /%[sdifjoOc#$]|\$[A-Za-z_][\w.]*/g;

interface Node {
  readonly type: string;
  readonly name?: string;
  readonly object?: Node;
  readonly property?: Node;
  readonly callee?: Node;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly cooked: string | null } }[];
}

/** Throws when the file does not parse. */
export function testNamesOf(source: SourceFile): TestName[] {
  const { program, errors } = parseSync(source.file, source.text);
  if (errors[0] !== undefined) throw new Error(`${source.file} does not parse: ${errors[0].message}`);
  const names: TestName[] = [];
  const visitor = new Visitor({
    CallExpression(node) {
      const [title] = node.arguments;
      const words = wordsOf(node.callee as Node);
      const pattern = title === undefined ? undefined : patternOf(title as Node);
      if ((words[0] !== "test" && words[0] !== "it") || pattern === undefined) return;
      names.push({ pattern, shows: !words.some((word) => DOES_NOT_SHOW.has(word)) });
    },
  });
  visitor.visit(program);
  return names;
}

/** `test.skipIf(x)` is made of test and skipIf. */
function wordsOf(callee: Node): string[] {
  if (callee.type === "Identifier") return [callee.name ?? ""];
  if (callee.type === "CallExpression" && callee.callee) return wordsOf(callee.callee);
  if (callee.type === "MemberExpression" && callee.object) {
    return [...wordsOf(callee.object), callee.property?.name ?? ""];
  }
  return [];
}

function patternOf(title: Node): RegExp | undefined {
  if (title.type === "Literal" && typeof title.value === "string") return asPattern([title.value]);
  if (title.type === "TemplateLiteral") return asPattern((title.quasis ?? []).map(({ value }) => value.cooked ?? ""));
  return undefined;
}

/** Undefined for a name that is filled in altogether: it would match whatever a document says. */
function asPattern(parts: readonly string[]): RegExp | undefined {
  if (!/[a-z]{3}/i.test(parts.join(" ").replace(HOLE, ""))) return undefined;
  const texts = parts.map((part) => part.split(HOLE).map(escaped).join(".+"));
  return new RegExp(`^${texts.join(".+")}$`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
