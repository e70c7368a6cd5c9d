/** The published files in a folder of their own, where nothing of the repository is found. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));

/** `koffi`: what stands in its place; undefined: nothing. Answers what a program imports. */
export function copyOf(place: string, koffi?: string): string {
  cpSync(join(PACKAGE, "dist"), join(place, "dist"), { recursive: true });
  cpSync(join(PACKAGE, "package.json"), join(place, "package.json"));
  if (koffi !== undefined) {
    mkdirSync(join(place, "node_modules/koffi"), { recursive: true });
    writeFileSync(join(place, "node_modules/koffi/index.js"), koffi);
  }
  return pathToFileURL(join(place, "dist/index.js")).href;
}
