/** A program that logs when it is told to, so that a test can do things to its files in between. */
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Outcome, Program, TempFolder, waitFor } from "@spillway/testkit";

const PROGRAM = fileURLToPath(new URL("programs/obeys.mjs", import.meta.url));

interface Account {
  readonly accepted: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly undurable: number;
  readonly sinks: Readonly<Record<string, { readonly delivered: number; readonly pending: number }>>;
}

export interface Obedience {
  readonly sinks?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
  /** The number of the first record. */
  readonly from?: number;
  readonly under?: readonly string[];
  /** A descriptor of this process to be the program's stdout; default: a file in the folder. */
  readonly stdout?: number;
}

export class ObedientProgram {
  readonly #folder = new TempFolder();
  readonly #program: Program;
  #said = 0;

  constructor({ under = [], stdout, ...input }: Obedience) {
    const answers = openSync(this.#folder.file("answers"), "a");
    const output = openSync(this.#folder.file("stdout"), "a");
    this.#program = new Program(PROGRAM, { input, under, stdio: ["pipe", stdout ?? output, "pipe", answers] });
    closeSync(answers);
    closeSync(output);
  }

  get pid(): number {
    return this.#program.pid;
  }

  get stdout(): Buffer {
    return this.#folder.read("stdout");
  }

  get stderr(): string {
    return this.#program.stderr;
  }

  async log(count: number, bytes = 0, level = "info"): Promise<{ tookMs: number }> {
    return (await this.#tell({ does: "log", count, bytes, level })) as { tookMs: number };
  }

  /** Throws what it rejects with, by its code. */
  async durable(): Promise<void> {
    await this.#tell({ does: "durable" });
  }

  async flush(): Promise<void> {
    await this.#tell({ does: "flush" });
  }

  async accounts(): Promise<Account> {
    return (await this.#tell({ does: "accounts" })) as Account;
  }

  /** Terminates the drain worker. */
  async kill(): Promise<void> {
    await this.#tell({ does: "kill" });
  }

  async exit(code: number): Promise<Outcome> {
    this.#program.say(JSON.stringify({ does: "exit", code }));
    return this.#program.ended();
  }

  /** Lets the program come to its natural end. */
  async end(): Promise<Outcome> {
    this.#program.say(JSON.stringify({ does: "end" }));
    return this.#program.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }

  async #tell(command: object): Promise<unknown> {
    const number = this.#said++;
    this.#program.say(JSON.stringify(command));
    const line = await waitFor(
      `the answer to ${JSON.stringify(command)}`,
      () => {
        const answers = this.#folder.read("answers").toString().split("\n").slice(0, -1);
        if (answers[number] === undefined && this.#program.hasEnded) throw new Error(`it has ended: ${this.stderr}`);
        return answers[number];
      },
      20_000,
    );
    const answer = JSON.parse(line) as { value?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }
}
