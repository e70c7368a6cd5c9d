import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "./run-program.ts";

/** Downloads stay here between runs. */
const CACHE = fileURLToPath(new URL("../../../../node_modules/.cache/spillway-package-tests", import.meta.url));

/** The folder of packages from the registry, installed there; or why they cannot be had. */
export async function fetchPackages(...packages: readonly string[]): Promise<{ folder: string } | { why: string }> {
  const folder = path.join(CACHE, packages.join("+").replaceAll("/", "_"));
  const modules = path.join(folder, "node_modules");
  if (existsSync(modules)) return { folder: modules };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  const { code, stderr } = await runProgram("npm", ["install", "--no-audit", "--no-fund", ...packages], folder);
  if (code === 0 && existsSync(modules)) return { folder: modules };
  // npm's first line is a code, its last the place of a log.
  const said = stderr.split("\n").filter((line) => line.startsWith("npm error"));
  return { why: `${packages.join(", ")} cannot be had from the npm registry (${said[0] ?? `exit code ${code}`})` };
}
