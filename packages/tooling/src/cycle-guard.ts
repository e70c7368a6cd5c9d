/**
 * Finds files, and packages, that import each other in a circle. Types count: in a circle there is no file that can
 * be understood first, and the next value imported along it decides which module starts with the other undefined.
 */
import path from "node:path";
import type { Finding } from "./finding.ts";
import { importsOf } from "./imports.ts";
import { workspacePackage } from "./layer-guard.ts";
import { packageOf, packageSources } from "./tree.ts";

interface Edge {
  to: string;
  /** Where the import stands. */
  file: string;
  line: number;
}

/** Who imports whom: files by path, packages by folder name. */
type Graph = Map<string, Edge[]>;

export function guardCycles(root: string): Finding[] {
  const files: Graph = new Map();
  const packages: Graph = new Map();
  const sources = packageSources(root);
  const known = new Set(sources.map(({ file }) => file));

  for (const source of sources) {
    const own = packageOf(source.file) ?? "";
    for (const { specifier, line } of importsOf(source)) {
      const to = resolveFile(source.file, specifier, known);
      if (to !== undefined) addEdge(files, source.file, { to, file: source.file, line });
      const target = workspacePackage(specifier);
      if (target !== undefined && target !== own) addEdge(packages, own, { to: target, file: source.file, line });
    }
  }
  return [...findCycles(files), ...findCycles(packages)].map(describeCycle);
}

function addEdge(graph: Graph, from: string, edge: Edge): void {
  const edges = graph.get(from);
  if (edges) edges.push(edge);
  else graph.set(from, [edge]);
}

function resolveFile(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  if (specifier.startsWith(".")) {
    const target = path.posix.join(path.posix.dirname(from), specifier);
    const candidates = [target, target.replace(/\.js$/, ".ts"), `${target}.ts`, `${target}/index.ts`];
    return candidates.find((candidate) => known.has(candidate));
  }
  const name = workspacePackage(specifier);
  // Packages are entered by their index; a package that imports itself by name is the layer guard's business.
  if (name === undefined || name === packageOf(from)) return undefined;
  const index = `packages/${name}/src/index.ts`;
  return known.has(index) ? index : undefined;
}

/** Depth first over the whole graph; each circle is told once, by the import that closes it. */
function findCycles(graph: Graph): Edge[][] {
  const done = new Set<string>();
  const cycles: Edge[][] = [];

  const visit = (node: string, way: Edge[], onWay: Map<string, number>): void => {
    onWay.set(node, way.length);
    for (const edge of graph.get(node) ?? []) {
      const start = onWay.get(edge.to);
      if (start !== undefined) cycles.push([...way.slice(start), edge]);
      else if (!done.has(edge.to)) visit(edge.to, [...way, edge], onWay);
    }
    onWay.delete(node);
    done.add(node);
  };
  for (const node of [...graph.keys()].sort()) {
    if (!done.has(node)) visit(node, [], new Map());
  }
  return cycles;
}

function describeCycle(cycle: Edge[]): Finding {
  const closing = cycle.at(-1);
  if (!closing) throw new Error("a cycle has at least one import");
  const places = [closing.to, ...cycle.map(({ to }) => to)].join(" -> ");
  return {
    file: closing.file,
    line: closing.line,
    says: `imports in a circle: ${places}. Move what both sides need into a third place that imports neither.`,
  };
}
