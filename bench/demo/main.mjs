// The demo as it is started: reads the command line, starts the busy process and sees signals for it.
//
//   this process            busy process
//   sees ^C, resizing  -->  watching thread: draws, reads the file, sets the word "stop"
//                           main thread: the job and the log calls; looks at the word between two files
//
// A thread that never turns its event loop cannot see a signal, and ending it by force would show nothing.
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { HELP, readArguments, UsageError } from "./arguments.mjs";

const BUSY = fileURLToPath(new URL("./busy.mjs", import.meta.url));
const CONTROL_FD = 3;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
/** One ^C can arrive more than once: from the terminal, and again from each program in between. */
const SAME_KEY_MS = 700;

/** @returns {Promise<number>} the exit code */
export async function runDemo(argv) {
  let options;
  try {
    options = readArguments(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`demo: ${error.message}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  return await startBusy(options);
}

function startBusy(options) {
  const live = options.json ? process.stderr : process.stdout;
  const isColored = live.isTTY === true && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
  const terminal = { isColored, isInPlace: isColored, columns: live.columns ?? 80 };
  const busy = spawn(process.execPath, [BUSY, JSON.stringify({ options, terminal, controlFd: CONTROL_FD })], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const control = busy.stdio[CONTROL_FD];
  control.on("error", () => {}); // the busy process ended before it read the last word; its exit code says how
  const resized = () => control.write(`columns ${live.columns}\n`);
  live.on("resize", resized);

  let askedAt;
  const onSignal = (signal) => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      control.write(`stop ${signal}\n`);
    } else if (performance.now() - askedAt > SAME_KEY_MS) {
      process.stderr.write("demo: ended at once; what was logged is not checked\n");
      busy.kill("SIGKILL");
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);

  return new Promise((resolve, reject) => {
    busy.once("error", reject);
    busy.once("exit", (code, signal) => {
      live.off("resize", resized);
      control.destroy();
      if (code === null && askedAt === undefined)
        process.stderr.write(`demo: the busy process was ended by ${signal}\n`);
      resolve(code ?? (askedAt !== undefined ? 128 + constants.signals.SIGINT : 1));
    });
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await runDemo(process.argv.slice(2));
}
