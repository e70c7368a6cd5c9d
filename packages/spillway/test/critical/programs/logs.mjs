// Logs what it is told to, step by step, at once, and says when it is through.
import { renameSync } from "node:fs";
import { createLogger } from "spillway";

const { sinks, options = {}, steps } = JSON.parse(process.argv[2]);
const log = createLogger({ sinks, base: null, ...options });

const STEPS = {
  log: ({ level = "error", seq }) => log[level]({ producer: "main", seq }, `record ${seq}`),
  durable: () => log.durable(),
  flush: () => log.flush(),
  // A system call that stands out in a trace.
  mark: ({ name }) => process.chdir(name),
  say: ({ line }) => console.log(line),
  pause: ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms)),
  rename: ({ from, to }) => renameSync(from, to),
  end: () => undefined,
  exit: () => process.exit(3),
  throw: () => {
    throw new Error("thrown by the program");
  },
  kill: () => process.kill(process.pid, "SIGKILL"),
  // Until it is killed.
  stay: () => new Promise(() => setInterval(() => undefined, 1000)),
  shutdown: () => log.shutdown(),
};

for (const { does, ...step } of steps) await STEPS[does](step);
