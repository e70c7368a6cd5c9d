/** Runs a program with poisoned records among its others, and says what is in its two outputs. */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  checkSequence,
  type Launch,
  type Outcome,
  runProgram,
  type SequenceReport,
  type TempFolder,
} from "@spillway/testkit";
import { expect } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/poison.mjs", import.meta.url));
const SINK = new URL("fixtures/poison-sink.mjs", import.meta.url).href;
const MISBEHAVING = new URL("fixtures/misbehaving-sink.mjs", import.meta.url).href;
const TRAP = fileURLToPath(new URL("fixtures/reading-trap.cjs", import.meta.url));
export const COUNT = 1000;
/** A lane that holds all but the poisoned records: those are read from files of their own. */
const LANE = 256 * 1024;

export interface Poison {
  /** What the sink does when it gets one, or whoever reads it. */
  readonly how: "exit" | "heap" | "spin";
  readonly at: "writing" | "reading";
  /** Which of the two threads log one. */
  readonly poisoned: readonly string[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly everywhere?: boolean;
}

interface SinkAccount {
  readonly delivered: number;
  readonly quarantined: number;
  readonly pending: number;
}

export interface Survived {
  readonly accounts: { readonly accepted: number; readonly sinks: Readonly<Record<"poisoned" | "file", SinkAccount>> };
  readonly respawns: number;
}

/** What the program is given, and in which surroundings. */
function launchOf(folder: TempFolder, poison: Poison, more: object = {}): Launch {
  const { how, at, poisoned, everywhere = false } = poison;
  const spec = { how, copy: folder.file("copy.log"), everywhere };
  const sinks = {
    ...(at === "writing" ? { poisoned: { type: "module", module: SINK, options: spec } } : {}),
    file: { type: "file", path: folder.file("app.log") },
  };
  const options = { flushTimeoutMs: 100_000, ...poison.options };
  const input = { sinks, count: COUNT, poisoned, options, ...more };
  if (at === "writing") return { input, nodeArgs: how === "heap" ? ["--max-old-space-size=64"] : [] };
  return {
    input: { ...input, poisonBytes: LANE, options: { ringBytes: LANE, ...options } },
    env: trap(how, everywhere),
  };
}

export async function runPoisoned(folder: TempFolder, poison: Poison): Promise<Outcome & Survived> {
  const outcome = await runProgram(PROGRAM, { ...launchOf(folder, poison), killAfterMs: 120_000 });
  const line = /^result (.*)$/m.exec(outcome.stdout)?.[1];
  if (line === undefined) throw new Error(`code ${outcome.code}: ${outcome.stdout}${outcome.stderr}`);
  return { ...outcome, ...(JSON.parse(line) as Survived) };
}

/** Is killed while all of its records are in the ring: the sinks have had none of them. */
export async function leavePoisoned(folder: TempFolder): Promise<void> {
  const { input } = launchOf(folder, { how: "exit", at: "reading", poisoned: ["main"] });
  const { sinks, ...rest } = input as { sinks: object };
  const stalled = { type: "module", module: MISBEHAVING, options: { how: "block" } };
  const { signal, stderr } = await runProgram(PROGRAM, {
    input: { ...rest, sinks: { stalled, ...sinks }, end: "kill" },
  });
  if (signal !== "SIGKILL") throw new Error(stderr);
}

/** How a thread that reads a poisoned record ends; `isEverywhere`: the calling thread, too. */
export function trap(how: string, isEverywhere: boolean): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--require ${TRAP}`,
    SPILLWAY_TRAP: how,
    SPILLWAY_TRAP_EVERYWHERE: isEverywhere ? "1" : "0",
  };
}

/** Of both threads' records; `missing`: of which the poisoned one may not be there. */
export function held(folder: TempFolder, name: string, missing: readonly string[]): SequenceReport {
  return checkSequence(folder.read(name), {
    counts: { main: COUNT, thread: COUNT },
    mayMiss: ({ producer, seq }) => missing.includes(producer) && seq === COUNT / 2,
  });
}

/** The lines that say that a record was left out. */
export function quarantined({ others }: SequenceReport): string[] {
  return others.flatMap((line) => (typeof line["quarantined"] === "string" ? [line["quarantined"]] : []));
}

/** What was kept of the records that were left out. */
export function evidenceIn(folder: TempFolder): Buffer[] {
  const place = folder.file(".spillway");
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => name.includes(".bad.frame-"))
    .map((name) => folder.read(`.spillway/${name}`));
}

/** What is to be left where whoever reads the poisoned record of the main thread dies of it. */
export async function expectUnread(folder: TempFolder, how: "exit" | "spin"): Promise<void> {
  const { accounts, stderr } = await runPoisoned(folder, { how, at: "reading", poisoned: ["main"] });
  const file = held(folder, "app.log", ["main"]);
  expect(file.problems, stderr).toEqual([]);
  expect(file.records).toBe(2 * COUNT - 1);
  expect(quarantined(file)).toEqual(["the drain died again and again while it was read"]);
  expect(accounts.sinks.file).toMatchObject({ delivered: 2 * COUNT - 1, quarantined: 1, pending: 0 });
  expect(evidenceIn(folder)).toHaveLength(1);
}
