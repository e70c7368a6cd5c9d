import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { waitFor } from "./wait-for.ts";

const KILL_AFTER_MS = 60_000;

export interface Launch {
  /** What the program finds, as JSON, in its first argument. */
  readonly input?: unknown;
  /** Instead of `input`: its arguments, as they are. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodeArgs?: readonly string[];
  /** Which node; default: the one that runs the test. */
  readonly node?: string;
  /** A command that runs node: `setpriv --reuid 1000 --`, `unshare --mount`. */
  readonly under?: readonly string[];
  readonly cwd?: string;
  readonly stdio?: StdioOptions;
  /** A program that has not ended by then is killed, and the test told so. Default 60 s. */
  readonly killAfterMs?: number;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the start to the end of the process. */
  readonly tookMs: number;
}

/** Programs under test that are still running: none may outlive the tests, whatever happens to them. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) killGroup(child);
});

/** Where there is a setpriv, the kernel kills a program whose test was killed itself and could do it no more. */
const canLeash = spawnSync("env", ["setpriv", "--pdeathsig=KILL", "--", "true"]).status === 0;

/** A Node program in a process group of its own, with its output collected. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Outcome>;
  readonly #startedAt = performance.now();
  #stdout = "";
  #stderr = "";
  #wasKilled = false;

  constructor(file: string, launch: Launch = {}) {
    const { input, nodeArgs = [], node = process.execPath, under = [], killAfterMs = KILL_AFTER_MS } = launch;
    const args = launch.args ?? (input === undefined ? [] : [JSON.stringify(input)]);
    const leash = canLeash ? ["setpriv", "--pdeathsig=KILL", "--"] : [];
    const [command = node, ...rest] = [...under, ...leash, node, ...nodeArgs, file, ...args];
    this.#child = spawn(command, rest, {
      cwd: launch.cwd,
      env: { ...process.env, NODE_OPTIONS: "", ...launch.env },
      stdio: launch.stdio ?? ["pipe", "pipe", "pipe"],
      detached: true,
    });
    running.add(this.#child);
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#child.stdin?.on("error", () => undefined);
    const timer = setTimeout(() => {
      this.#wasKilled = true;
      this.kill();
    }, killAfterMs);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        clearTimeout(timer);
        // Whatever it started belongs to its group.
        killGroup(this.#child);
        running.delete(this.#child);
        const outcome = {
          code,
          signal,
          stdout: this.#stdout,
          stderr: this.#stderr,
          tookMs: performance.now() - this.#startedAt,
        };
        if (this.#wasKilled)
          reject(new Error(`${file} had not ended after ${killAfterMs} ms: ${JSON.stringify(outcome)}`));
        else resolve(outcome);
      });
    });
    // Whoever does not wait for the end is not told of it either.
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("the program did not start");
    return pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends one line to its standard input. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Resolves with what is behind `prefix` in the first line of its output that begins so. */
  async heard(prefix: string, deadlineMs?: number): Promise<string> {
    return waitFor(
      `${prefix} from the program`,
      () => {
        const line = this.#stdout
          .split("\n")
          .slice(0, -1)
          .find((text) => text.startsWith(prefix));
        if (line !== undefined) return { rest: line.slice(prefix.length) };
        if (this.hasEnded)
          throw new Error(`the program ended before it said ${prefix}: ${this.#stdout}${this.#stderr}`);
        return undefined;
      },
      deadlineMs,
    ).then(({ rest }) => rest);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    killGroup(this.#child, signal);
  }

  async ended(): Promise<Outcome> {
    return this.#ended;
  }

  /** Kills it, if it still runs, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) this.kill();
    await this.#ended.catch(() => undefined);
  }
}

export async function runProgram(file: string, launch: Launch = {}): Promise<Outcome> {
  return new Program(file, launch).ended();
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody left in it.
  }
}
