/**
 * Examples in documents, run as a reader would run them: in a folder of their own, against the built package.
 *
 *   ```js run           an ES module; `js run cjs`: a CommonJS one
 *   ```js file=NAME     a file that the examples of the same document find beside them
 *   ```text prints      what the example before it prints; times, pids and host names may differ
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { MarkdownDocument } from "./documents.ts";

interface DocExample {
  readonly name: string;
  readonly code: string;
  readonly isCommonJs: boolean;
  readonly files: Readonly<Record<string, string>>;
  /** Undefined: nobody looks. */
  readonly prints: string | undefined;
}

interface ExampleOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 20_000;

export function examplesOf({ file, blocks }: MarkdownDocument): DocExample[] {
  const files: Record<string, string> = {};
  for (const { info, code } of blocks) {
    const name = /^js file=(\S+)$/.exec(info)?.[1];
    if (name !== undefined) files[name] = code;
  }
  return blocks.flatMap(({ info, code, line }, index) => {
    if (info !== "js run" && info !== "js run cjs") return [];
    const next = blocks[index + 1];
    const prints = next?.info === "text prints" ? next.code : undefined;
    return [{ name: `${file}:${line}`, code, isCommonJs: info.endsWith("cjs"), files, prints }];
  });
}

/** `built`: the folder of the package that the example imports as `spillway`. */
export async function runExample(example: DocExample, built: string): Promise<ExampleOutcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "spillway-example-"));
  try {
    mkdirSync(path.join(folder, "node_modules"));
    symlinkSync(built, path.join(folder, "node_modules/spillway"));
    for (const [name, code] of Object.entries(example.files)) writeFileSync(path.join(folder, name), code);
    const program = path.join(folder, example.isCommonJs ? "example.cjs" : "example.mjs");
    writeFileSync(program, example.code);
    // An app's environment, not a test runner's: no loaders, no conditions.
    const { NODE_OPTIONS: _flags, VITEST: _vitest, ...env } = process.env;
    return await new Promise((resolve) => {
      execFile(process.execPath, [program], { cwd: folder, env, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : ((error.code as number | undefined) ?? null), stdout, stderr });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Without what is different in every run. */
export function comparable(output: string): string {
  return output
    .replace(/"time":\d+/g, '"time":0')
    .replace(/"time":"[^"]*"/g, '"time":""')
    .replace(/"pid":\d+/g, '"pid":0')
    .replace(/"hostname":"[^"]*"/g, '"hostname":""')
    .trimEnd();
}
