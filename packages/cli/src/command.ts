/** The command line: names, options and help. What a command does stands in its own file. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { BAD_USAGE, OK } from "./exit-codes.ts";
import { recoverCommand } from "./recover-command.ts";
import type { RecoverFlags } from "./recover-flags.ts";

const EXAMPLES = `
Examples:
  spillway recover logs                         deliver what killed processes left, into the logs it was meant for
  spillway recover logs --list                  see what is there
  spillway recover app.wal --mode absolute      deliver a write-ahead log, if it has no damage at all
  spillway recover logs -o found.log --cleanup  into one file instead, and remove the ring files then`;

const EXIT_CODES = `
PATH is a folder of logs, a log file, a folder of ring files (.spillway), one ring file, or the walPath of critical
records.

Modes:
  tolerate-tail  past torn ends; ends in front of records that are missing inside of a segment
  point-in-time  up to the first record that is missing
  skip-corrupt   every whole record there is
  absolute       nothing, unless everything is as it was written

Exit codes:
  0  all is delivered, or there was nothing to deliver
  1  it could not be done: no such path, permission denied, an output that cannot be written
  2  wrong usage
  3  damage was found; what could be read is delivered
  4  something is left over: repeat it when the cause is gone`;

/** Runs one command line, without the names of the program, and answers its exit code. */
export function runCommand(args: readonly string[]): number {
  let code = OK;
  const program = new Command("spillway")
    .description("Looks after the logs of programs that log with spillway.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EXAMPLES)
    .exitOverride();
  program
    .command("recover")
    .summary("deliver what processes that were killed left in their ring files")
    .description(
      "Delivers what processes that were killed had logged and not written yet. Those that live are left alone.\n" +
        "May be killed and repeated at any moment: each record comes once into the log it was meant for.",
    )
    .argument("<path>", "where the logs, or their ring files, are")
    .option("-o, --output <file>", "append the records to this file instead, all of them or none")
    .option("--cleanup", "with --output: remove the ring files when all is written")
    .option("--list", "show what is there, and deliver and remove nothing")
    .addOption(
      new Option("--mode <mode>", "how much damage in a write-ahead log is gone past")
        .choices(["tolerate-tail", "point-in-time", "skip-corrupt", "absolute"])
        .default("skip-corrupt"),
    )
    .option("--json", "print one JSON object")
    .option("-q, --quiet", "print no table and no progress")
    .addHelpText("after", EXIT_CODES)
    .action((path: string, given: Partial<RecoverFlags>, command: Command) => {
      const flags = { cleanup: false, list: false, mode: "skip-corrupt" as const, json: false, quiet: false, ...given };
      const problem = objection(flags);
      if (problem !== undefined) command.error(`error: ${problem}`, { exitCode: BAD_USAGE });
      code = recoverCommand(path, flags);
    });
  try {
    program.parse(args.length === 0 ? ["--help"] : args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Its own number for everything that is wrong with a command line is 1; help and version are 0.
    return error.exitCode === 0 ? OK : BAD_USAGE;
  }
  return code;
}

function objection({ output, cleanup, list }: RecoverFlags): string | undefined {
  if (output === "-") return "--output takes the name of a file";
  if (output === "") return "--output takes the name of a file, and was given an empty one";
  if (cleanup && output === undefined)
    return "--cleanup goes with --output; without, ring files go when all is delivered";
  if (list && output !== undefined) return "--list delivers nothing: leave --output out";
  return undefined;
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
