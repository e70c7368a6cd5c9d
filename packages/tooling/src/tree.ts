/**
 * The files a guard looks at. Every guard takes a root, so that a test can point it at a tree with a violation in it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Not ours, or made from what is. The same list stands in .gitignore. */
const NOT_OURS = new Set(["node_modules", "dist", ".git", ".turbo", ".spillway", "coverage", "tmp"]);
const NOT_COMMITTED = /\.(tsbuildinfo|log|tgz)$/;

export interface SourceFile {
  /** Below the root, with forward slashes. */
  file: string;
  text: string;
}

/** Names of all files at or below `folder`, sorted, so that reports do not depend on the file system. */
export function filesBelow(root: string, folder = ""): string[] {
  const full = path.join(root, folder);
  if (!existsSync(full)) return [];
  const found: string[] = [];
  for (const entry of readdirSync(full, { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name) || NOT_COMMITTED.test(entry.name)) continue;
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesBelow(root, name));
    else if (entry.isFile()) found.push(name);
  }
  return found.sort();
}

export function readSource(root: string, file: string): SourceFile {
  return { file, text: readFileSync(path.join(root, file), "utf8") };
}

/** The folders below `packages/`. */
export function packageFolders(root: string): string[] {
  const folder = path.join(root, "packages");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_OURS.has(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** The TypeScript sources of all packages: what is in `src`, without tests. */
export function packageSources(root: string): SourceFile[] {
  return packageFolders(root)
    .flatMap((name) => filesBelow(root, `packages/${name}/src`))
    .filter((file) => /\.[cm]?tsx?$/.test(file))
    .map((file) => readSource(root, file));
}

/** The package a file of `packages/` belongs to, by its folder's name. */
export function packageOf(file: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(file)?.[1];
}
