/**
 * Examples in documents, run as a reader would run them: in a folder of their own, against the built package.
 *
 *   ```js run           an ES module; `js run cjs`: a CommonJS one
 *   ```sh run           commands of a shell, in which spillway is the built package's, as npx would find it
 *   ```js file=NAME     a file that the examples of the same document find beside them
 *   ```text prints      what the example before it prints; times, pids and host names may differ, and the folder the
 *                       example runs in is /srv/app
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { MarkdownDocument } from "./documents.ts";

interface DocExample {
  readonly name: string;
  readonly code: string;
  readonly language: "esm" | "cjs" | "sh";
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
const LANGUAGES: Readonly<Record<string, DocExample["language"]>> = {
  "js run": "esm",
  "js run cjs": "cjs",
  "sh run": "sh",
};
/** npm's own would ask a registry, and the settings of this machine. */
const SHELL_HEAD = 'set -e; npx() { "$@"; }; spillway() { "$NODE" node_modules/spillway/dist/cli.js "$@"; }\n';

export function examplesOf({ file, blocks }: MarkdownDocument): DocExample[] {
  const files: Record<string, string> = {};
  for (const { info, code } of blocks) {
    const name = /^js file=(\S+)$/.exec(info)?.[1];
    if (name !== undefined) files[name] = code;
  }
  return blocks.flatMap(({ info, code, line }, index) => {
    const language = LANGUAGES[info];
    if (language === undefined) return [];
    const next = blocks[index + 1];
    const prints = next?.info === "text prints" ? next.code : undefined;
    return [{ name: `${file}:${line}`, code, language, files, prints }];
  });
}

/** `built`: the folder of the package that the example imports as `spillway`. */
export async function runExample(example: DocExample, built: string): Promise<ExampleOutcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "spillway-example-"));
  try {
    mkdirSync(path.join(folder, "node_modules"));
    symlinkSync(built, path.join(folder, "node_modules/spillway"));
    for (const [name, code] of Object.entries(example.files)) writeFileSync(path.join(folder, name), code);
    const command = commandOf(example, folder);
    // An app's environment, not a test runner's: no loaders, no conditions.
    const { NODE_OPTIONS: _flags, VITEST: _vitest, ...rest } = process.env;
    const options = { cwd: folder, env: { ...rest, NODE: process.execPath }, timeout: TIMEOUT_MS };
    return await new Promise((resolve) => {
      execFile(...command, options, (error, stdout, stderr) => {
        resolve({
          code: error === null ? 0 : ((error.code as number | undefined) ?? null),
          stdout: stdout.replaceAll(folder, "/srv/app"),
          // What a shell says of a program that was killed.
          stderr: example.language === "sh" ? stderr.replace(/^.*\bKilled\b.*\n/gm, "") : stderr,
        });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function commandOf({ language, code }: DocExample, folder: string): [string, string[]] {
  if (language === "sh") return ["sh", ["-c", SHELL_HEAD + code]];
  const program = path.join(folder, language === "cjs" ? "example.cjs" : "example.mjs");
  writeFileSync(program, code);
  return [process.execPath, [program]];
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
