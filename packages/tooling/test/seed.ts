/** Trees with a violation in them: a guard that looks at nothing passes for ever, so each is shown what it must find. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** Writes files into a new folder that goes away with the test, and answers the folder. */
export function seedTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(os.tmpdir(), "spillway-seed-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    const full = path.join(root, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  return root;
}

/** `file:line` of each finding: what the guards have to get right; their sentences may change. */
export function placesOf(findings: readonly { file: string; line: number }[]): string[] {
  return findings.map(({ file, line }) => `${file}:${line}`);
}
