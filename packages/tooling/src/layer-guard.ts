/** Holds every import of every source against the law of the layers. */
import { isBuiltin } from "node:module";
import path from "node:path";
import type { Finding } from "./finding.ts";
import { type Import, importsOf } from "./imports.ts";
import { BESIDE, CALLING_THREAD, IMPORT_NOTHING, LAYERS, TOO_HEAVY_FOR_THE_CALLING_THREAD } from "./layers.ts";
import { packageFolders, packageOf, packageSources, type SourceFile } from "./tree.ts";

export function guardLayers(root: string): Finding[] {
  const unknown = packageFolders(root)
    .filter((name) => !LAYERS[name] && !BESIDE[name])
    .map((name) => ({
      file: `packages/${name}/package.json`,
      line: 1,
      says: `${name} has no place among the layers. Give it a row in packages/tooling/src/layers.ts.`,
    }));
  return [...unknown, ...packageSources(root).flatMap(guardFile)];
}

function guardFile(source: SourceFile): Finding[] {
  const own = packageOf(source.file);
  if (own === undefined) return [];
  return importsOf(source).flatMap((found) => {
    const says = objection(own, source.file, found);
    return says === undefined ? [] : [{ file: source.file, line: found.line, says }];
  });
}

/** What is wrong with one import, or `undefined`. The narrower rule speaks first. */
function objection(own: string, file: string, found: Import): string | undefined {
  const { specifier } = found;
  const target = targetPackage(own, file, specifier);
  const isOwn = target === own && specifier.startsWith(".");

  if (specifier.startsWith(".") && !isOwn) {
    return `${specifier} leaves the package. Import another package by its name.`;
  }
  if (IMPORT_NOTHING.includes(own) && !isOwn) {
    return `${own} imports nothing, and this imports ${specifier}. Move the code up, or hand the thing in as an argument.`;
  }
  // In `core` the rule above has spoken; there, a layout may use its neighbours.
  if (isLayout(file) && own !== "core" && target !== "core") {
    return `a layout imports nothing outside core, and this imports ${specifier}. Constants and a drawing need no more.`;
  }
  if (isTooHeavy(own, found)) {
    return `${specifier} is loaded on the calling thread with every app. Load it by import() where it is needed, or in a worker.`;
  }
  if (target === undefined || isOwn) return undefined;
  if (target === own) return `${own} imports itself by name. Use a relative path.`;
  if (mayImport(own).includes(target)) return undefined;
  return `${own} must not import ${target}${whichSide(own, target)}. Its row is in packages/tooling/src/layers.ts.`;
}

function mayImport(own: string): readonly string[] {
  return (LAYERS[own] ?? BESIDE[own])?.mayImport ?? [];
}

function whichSide(own: string, target: string): string {
  if (BESIDE[target]) return ", which serves tests only";
  const [from, to] = [LAYERS[own]?.layer, LAYERS[target]?.layer];
  if (from === undefined || to === undefined) return "";
  if (from === to) return ", its neighbour in the same layer";
  return to > from ? ", which stands above it" : ", although it stands below";
}

function isLayout(file: string): boolean {
  return /(^|[/-])layout\.ts$/.test(file);
}

function isTooHeavy(own: string, { specifier, kind }: Import): boolean {
  if (kind !== "static" || !CALLING_THREAD.includes(own) || !isBuiltin(specifier)) return false;
  const name = specifier.replace(/^node:/, "").split("/")[0] ?? "";
  return TOO_HEAVY_FOR_THE_CALLING_THREAD.includes(name);
}

/** The workspace package an import leads to, by folder name; `undefined` for Node's and npm's. */
function targetPackage(own: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    return target.startsWith(`packages/${own}/src/`) ? own : packageOf(target);
  }
  return workspacePackage(specifier);
}

/** `@spillway/ring/deep` and `spillway/pino` belong to `ring` and `spillway`. */
export function workspacePackage(specifier: string): string | undefined {
  const scoped = /^@spillway\/([^/]+)/.exec(specifier)?.[1];
  if (scoped !== undefined) return scoped;
  return specifier === "spillway" || specifier.startsWith("spillway/") ? "spillway" : undefined;
}
