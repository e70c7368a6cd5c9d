// What can be said on the command line, and what is wrong with it when it is wrong.
import { parseArgs } from "node:util";

/** A mistake of the person at the keyboard: shown without a stack, exit code 2. */
export class UsageError extends Error {
  constructor(problem, fix) {
    super(`${problem}\n  ${fix}`);
    this.name = "UsageError";
  }
}

const LOGGERS = ["spillway", "pino", "pino-transport"];

export const HELP = `Usage: npm start
       npm run demo -- [FOLDER] [options]

Reads every file below FOLDER on the main thread, without one turn of the event loop: sha256, gzip, brotli,
content-defined chunks. Each step and each error is logged. At the end every record is looked for in the file.

  FOLDER            what to read (default: /usr/share/doc, or node_modules where there is no documentation)
  --seconds N       stop the job after N seconds (default 60); it ends earlier when all files are read
  --logger NAME     ${LOGGERS.join(", ")} (default spillway); the others are there to compare
  --out FOLDER      where the folder with the log is made (default: tmp in the working directory)
  --json            the verdict as one JSON object on stdout; the live lines go to stderr
  --help            this text

Exit code: 0 every record is in the file, 1 it is not, 2 the command line is wrong, 130 stopped with ^C.`;

/** @returns {{ help: true } | { help: false, folder?: string, seconds: number, logger: string, out: string, json: boolean }} */
export function readArguments(argv) {
  const { values, positionals } = parse(argv);
  if (values.help) return { help: true };
  if (positionals.length > 1) {
    throw new UsageError(
      `one folder is read, ${positionals.length} were given: ${positionals.join(" ")}`,
      "Put quotes around a name with spaces.",
    );
  }
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 3600)) {
    throw new UsageError(
      `--seconds ${values.seconds} is not a number of seconds`,
      "Give a number above 0 and at most 3600: --seconds 20",
    );
  }
  if (!LOGGERS.includes(values.logger)) {
    throw new UsageError(`--logger ${values.logger} is not known`, `Choose one of: ${LOGGERS.join(", ")}`);
  }
  return { help: false, folder: positionals[0], seconds, logger: values.logger, out: values.out, json: values.json };
}

function parse(argv) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        seconds: { type: "string", default: "60" },
        logger: { type: "string", default: "spillway" },
        out: { type: "string", default: "tmp" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error.message.split(". ")[0], "npm run demo -- --help lists what there is.");
  }
}
