import { spawn } from "node:child_process";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const LIMIT_MS = 60_000;

/** Runs a program to its end, in an environment without what a test runner puts there. */
export async function runProgram(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...environment } = process.env;
  // npm hands its own settings down to what it starts, and complains below about those it does not know.
  const env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.toLowerCase().startsWith("npm_")),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, timeout: LIMIT_MS, killSignal: "SIGKILL" });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
