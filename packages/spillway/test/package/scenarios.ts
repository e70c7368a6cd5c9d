import path from "node:path";
import { expect } from "vitest";
import { linesOf } from "./installation.ts";
import { type Outcome, runProgram } from "./run-program.ts";

export interface Scenario {
  readonly name: string;
  /** Node's own options, by major version. */
  readonly flags?: (major: number) => readonly string[];
  readonly program: string;
  readonly mode?: "sync" | "exit" | "stay";
  /** Texts the program prints. */
  readonly prints?: readonly string[];
  /** Whether it may say something on stderr; without this it must be silent. */
  readonly says?: RegExp;
}

/** Where koffi is not installed, or native code is forbidden. */
export const NO_KOFFI =
  /^spillway: crash safety: koffi cannot be loaded \(.*\): the ring is copied to its file once a turn instead of being it\n$/;

const permission = (major: number, ...more: readonly string[]): readonly string[] => [
  major < 22 ? "--experimental-permission" : "--permission",
  "--allow-fs-read=*",
  "--allow-fs-write=*",
  ...more,
];

/** What an app that has installed the package does with it, and what each must come to: 2000 whole lines, exit code 0. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "import: logs, and the program ends by itself", program: "log.mjs" },
  { name: "require: logs, and the program ends by itself", program: "log.cjs" },
  {
    name: "import: the worker delivers what flush() waits for, and the ring is a file",
    program: "log.mjs",
    mode: "stay",
    prints: ["worker: true", "durability: mmap"],
  },
  {
    name: "import, sync: a line is in the file when its call returns",
    program: "log.mjs",
    mode: "sync",
    prints: ["in the file: 2000"],
  },
  {
    name: "require, sync: a line is in the file when its call returns",
    program: "log.cjs",
    mode: "sync",
    prints: ["in the file: 2000"],
  },
  { name: "import: process.exit() right after a burst loses nothing", program: "log.mjs", mode: "exit" },
  { name: "require: process.exit() right after a burst loses nothing", program: "log.cjs", mode: "exit" },
  { name: "import and require: give the same module", program: "twice.mjs", prints: ["one module: true"] },
  {
    name: "import and require, where require() takes no ES modules: two modules, one engine",
    program: "twice.mjs",
    flags: () => ["--no-experimental-require-module"],
    prints: ["one module: false"],
  },
  {
    name: "no code from strings: the worker delivers",
    program: "log.mjs",
    mode: "stay",
    flags: () => ["--disallow-code-generation-from-strings"],
    prints: ["worker: true"],
  },
  {
    name: "no code from strings, sync: delivers",
    program: "log.mjs",
    mode: "sync",
    flags: () => ["--disallow-code-generation-from-strings"],
    prints: ["in the file: 2000"],
  },
  {
    name: "frozen intrinsics: the worker delivers",
    program: "log.mjs",
    mode: "stay",
    flags: () => ["--frozen-intrinsics", "--no-warnings"],
    prints: ["worker: true"],
  },
  {
    name: "permission model with workers: the worker delivers",
    program: "log.mjs",
    mode: "stay",
    flags: (major) => [...permission(major, "--allow-worker"), "--no-warnings"],
    prints: ["worker: true", "durability: mirror"],
    says: NO_KOFFI,
  },
  {
    name: "permission model without workers: says so, and delivers all the same",
    program: "log.mjs",
    mode: "stay",
    flags: (major) => [...permission(major), "--no-warnings"],
    prints: ["in the file: 2000", "worker: false"],
    says: /^spillway: no drain worker can be started \(Access to this API has been restricted/,
  },
  {
    name: "permission model without workers: process.exit() loses nothing",
    program: "log.mjs",
    mode: "exit",
    flags: (major) => [...permission(major), "--no-warnings"],
    says: /^spillway: no drain worker can be started/,
  },
];

let count = 0;

export async function play(scenario: Scenario, node: string, major: number, folder: string): Promise<void> {
  const file = path.join(folder, `${++count}.log`);
  const flags = scenario.flags?.(major) ?? [];
  const args = [...flags, scenario.program, file, ...(scenario.mode === undefined ? [] : [scenario.mode])];
  const outcome = await runProgram(node, args, folder);
  expectDelivered(outcome, file, scenario.says);
  for (const text of scenario.prints ?? []) expect(outcome.stdout).toContain(text);
}

export function expectDelivered(outcome: Outcome, file: string, says?: RegExp): void {
  expect(outcome.stderr).toMatch(says ?? /^$/);
  expect(outcome.code).toBe(0);
  expect(linesOf(file)).toHaveLength(2000);
}
