import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, runProgram } from "./run-program.ts";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));
const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));

/** A folder of its own for one test file, with a blank and letters that are not ASCII in its path. */
export function makeFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), "spillway päckage 包 "));
}

/** What would be published, as a file: the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  const { code, stderr } = await runProgram("npm", ["pack", "--pack-destination", folder], PACKAGE);
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (code !== 0 || name === undefined) throw new Error(`npm pack: ${stderr}`);
  return path.join(folder, name);
}

export interface Installation {
  readonly folder: string;
  /** What `npm install` said. */
  readonly outcome: Outcome;
}

/**
 * An app that has installed the tarball and nothing else, without a registry and so without what is optional, and the
 * test programs in it.
 */
export async function install(tarball: string, folder: string): Promise<Installation> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  // Settings of this machine's npm are none of the package's.
  const settings = [
    "--offline",
    "--omit=optional",
    "--no-audit",
    "--no-fund",
    `--userconfig=${path.join(folder, "no-npmrc")}`,
  ];
  const outcome = await runProgram("npm", ["install", tarball, ...settings], folder);
  cpSync(PROGRAMS, folder, { recursive: true });
  return { folder, outcome };
}

/** Adds what npm installs along where there is a registry: koffi, from this repository's own installation. */
export function addKoffi({ folder }: Installation): void {
  for (const name of ["koffi", "@koromix"]) {
    cpSync(path.join(REPOSITORY, "node_modules", name), path.join(folder, "node_modules", name), { recursive: true });
  }
}

/** Lines of a log file; each must be whole. */
export function linesOf(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines.pop() !== "") throw new Error(`${file} does not end with a line's end`);
  for (const line of lines) JSON.parse(line);
  return lines;
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
