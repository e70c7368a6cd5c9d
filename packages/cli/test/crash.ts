/** What the tests of the command have in common: programs that are killed, and the command itself. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Launch, type Outcome, Program, type TempFolder } from "@spillway/testkit";
import type { LoggerOptions } from "spillway";

const CRASH = fileURLToPath(new URL("programs/crash.mjs", import.meta.url));
export const COMMAND = fileURLToPath(new URL("../../spillway/dist/cli.js", import.meta.url));

/** Without flock, two recoveries at once cannot keep out of each other's way, and none can tell the dead from the living. */
export const HAS_FLOCK = ((): boolean => {
  try {
    createRequire(import.meta.url)("koffi");
    return process.platform !== "win32";
  } catch {
    return false;
  }
})();

export interface Crash {
  readonly count: number;
  readonly producer?: string;
  readonly bytes?: number;
  readonly threads?: number;
  readonly sinks?: LoggerOptions["sinks"];
  readonly options?: LoggerOptions;
  /** Nothing reaches the log before the kill, so that all is in the ring. Default true. */
  readonly isBlocked?: boolean;
  readonly log?: string;
}

/** Logs into FOLDER/app.log and is killed with SIGKILL; answers its pid. */
export async function crash(
  folder: TempFolder,
  { isBlocked = true, log = "app.log", ...input }: Crash,
): Promise<number> {
  const file = folder.file(log);
  // A folder in the place of the log: the sink cannot open it, and the ring keeps everything.
  if (isBlocked) mkdirSync(file, { recursive: true });
  const program = new Program(CRASH, { input: { ...input, path: file } });
  await program.heard("logged");
  program.kill("SIGKILL");
  await program.ended();
  if (isBlocked) rmSync(file, { recursive: true });
  return program.pid;
}

/** A program that lives and holds its ring files; the caller ends it. */
export async function live(folder: TempFolder, crash: Crash): Promise<Program> {
  const program = new Program(CRASH, { input: { ...crash, path: folder.file("app.log") } });
  await program.heard("logged");
  return program;
}

export function start(args: readonly string[], launch: Launch = {}): Program {
  return new Program(COMMAND, { ...launch, args, env: { NO_COLOR: undefined, FORCE_COLOR: undefined, ...launch.env } });
}

export function spillway(args: readonly string[], launch?: Launch): Promise<Outcome> {
  return start(args, launch).ended();
}

/** Names of ring files, and of whatever else a recovery leaves beside them. */
export function ringFiles(folder: TempFolder): string[] {
  try {
    return readdirSync(path.join(folder.path, ".spillway")).sort();
  } catch {
    return [];
  }
}
