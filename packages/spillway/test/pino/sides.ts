/** The loggers that are compared, behind one shape: made from the same options, asked for the bytes they wrote. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { DELIBERATE_DIFFERENCES, type DifferenceId } from "./deliberate-differences.ts";
import type { Options } from "./logger-options.ts";

/** What both loggers are to a script. Level methods have any name, because levels can be made up. */
export interface FuzzLogger {
  level: string;
  readonly msgPrefix?: string | undefined;
  child(bindings: object, options?: Record<string, unknown>): FuzzLogger;
  bindings(): Record<string, unknown>;
  setBindings(bindings: object): void;
  isLevelEnabled(level: string): boolean;
}

export interface Run {
  readonly logger: FuzzLogger;
  /** How many lines are written, for a side that writes while it is called. */
  lineCount(): number;
  /** Everything written, one piece for each line, newline included. */
  finish(): Promise<Buffer[]>;
}

export interface Side {
  readonly name: string;
  /** The deliberate differences this side makes; pino makes none. */
  readonly makes: ReadonlySet<DifferenceId>;
  open(options: Options): Run;
}

/** pino, writing on the calling thread. `change` makes it another logger, to prove that differences are seen. */
export function pinoSide(
  change: Partial<{
    options(options: Options): Options;
    logger(logger: pino.Logger): void;
    line(line: string, index: number): string[];
  }> = {},
): Side {
  return {
    name: "pino",
    makes: new Set(),
    open(options) {
      const lines: Buffer[] = [];
      let written = 0;
      const stream = {
        write(line: string): void {
          const changed = change.line?.(line, written) ?? [line];
          written++;
          for (const one of changed) lines.push(Buffer.from(one));
        },
      };
      const logger = pino((change.options?.(options) ?? options) as pino.LoggerOptions, stream);
      change.logger?.(logger);
      return {
        logger: logger as unknown as FuzzLogger,
        lineCount: () => written,
        finish: async () => lines,
      };
    },
  };
}

/** What of our logger the fuzz uses. */
interface Ours extends FuzzLogger {
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  accounts(): { readonly logged: number; readonly accepted: number; readonly dropped: Record<string, number> };
}

/** Our logger, from the bundle that people install, writing to a file of its own. */
export async function spillwaySide(sync: boolean, more: Options = {}): Promise<Side> {
  const { createLogger } = (await import("spillway")) as unknown as { createLogger(options: Options): Ours };
  return {
    name: sync ? "spillway, sync" : "spillway",
    makes: new Set(DELIBERATE_DIFFERENCES.map(({ id }) => id)),
    open(options) {
      const folder = mkdtempSync(join(tmpdir(), "spillway-fuzz-"));
      const path = join(folder, "out.log");
      const logger = createLogger({
        ...options,
        ...more,
        sync,
        whenFull: "block",
        sinks: { out: { type: "file", path } },
      });
      return {
        logger,
        lineCount: () => logger.accounts().accepted,
        async finish() {
          await logger.flush();
          const accounts = logger.accounts();
          await logger.shutdown();
          const bytes = readIfThere(path);
          rmSync(folder, { recursive: true, force: true });
          if (accounts.accepted !== accounts.logged)
            throw new Error(`records were dropped: ${JSON.stringify(accounts)}`);
          return splitLines(bytes);
        },
      };
    },
  };
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    // Nothing was logged: the file need not be there.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, at + 1));
    from = at + 1;
  }
  // A last line without an end is a line too, and a wrong one.
  if (from < bytes.length) lines.push(bytes.subarray(from));
  return lines;
}
