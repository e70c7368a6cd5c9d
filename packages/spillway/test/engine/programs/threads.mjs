// Starts threads that log to the same sinks, each through createLogger with the same options and no other wiring.
import { isMainThread, parentPort, threadId, Worker, workerData } from "node:worker_threads";
import { createLogger } from "spillway";

const {
  sinks,
  threads,
  count,
  scenario = "plain",
  options = {},
} = isMainThread ? JSON.parse(process.argv[2]) : workerData.input;
const make = () => createLogger({ sinks, base: null, ...options });
const file = new URL(import.meta.url);
const start = (name, role = "logs") =>
  new Worker(file, { workerData: { input: { sinks, threads, count, scenario, options }, name, role } });
const exited = (worker) => new Promise((resolve) => worker.once("exit", resolve));
const message = (worker) => new Promise((resolve) => worker.once("message", resolve));

function logAll(log, producer, from = 0, to = count) {
  for (let seq = from; seq < to; seq++)
    log.info({ producer, seq, thread: threadId }, "a record of a thread among many");
}

async function runThread() {
  const { name, role } = workerData;
  if (role === "waits") await new Promise((resolve) => parentPort.once("message", resolve));
  const log = make();
  logAll(log, name);
  if (role === "nests") await exited(start(`${name}/nested`));
  if (role === "exits") process.exit(5);
  if (role === "stays") {
    parentPort.postMessage("logged");
    await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  }
  if (role === "stays-until-told") {
    parentPort.postMessage("logged");
    await new Promise((resolve) => parentPort.once("message", resolve));
    logAll(log, name, count, 2 * count);
  }
  if (role === "shuts-down") await log.shutdown();
  if (role === "logs-at-exit") process.on("exit", () => logAll(log, name, count, count + 10));
}

const SCENARIOS = {
  plain: async (log) => {
    const all = Array.from({ length: threads }, (_, n) => start(`t${n}`));
    logAll(log, "main");
    await Promise.all(all.map(exited));
  },
  nested: async () => {
    await Promise.all(Array.from({ length: threads }, (_, n) => exited(start(`t${n}`, "nests"))));
  },
  exits: async () => {
    const codes = await Promise.all(Array.from({ length: threads }, (_, n) => exited(start(`t${n}`, "exits"))));
    console.log(`codes ${JSON.stringify(codes)}`);
  },
  terminated: async () => {
    for (let n = 0; n < threads; n++) {
      const worker = start(`t${n}`, "stays");
      await message(worker);
      await worker.terminate();
    }
  },
  inTurn: async () => {
    for (let n = 0; n < threads; n++) await exited(start(`t${n}`, n % 2 === 0 ? "logs" : "exits"));
  },
  shutsDown: async () => {
    for (let n = 0; n < threads; n++) await exited(start(`t${n}`, "shuts-down"));
  },
  logsAtExit: async () => {
    await Promise.all(Array.from({ length: threads }, (_, n) => exited(start(`t${n}`, "logs-at-exit"))));
  },
  // All are alive at once: each has logged, and logs again when all are there.
  crowd: async () => {
    const all = Array.from({ length: threads }, (_, n) => start(`t${n}`, "stays-until-told"));
    await Promise.all(all.map(message));
    for (const worker of all) worker.postMessage("go on");
    await Promise.all(all.map(exited));
  },
};

if (!isMainThread) {
  await runThread();
} else if (scenario === "before") {
  // A thread that was there before the logger knows nothing of it: it makes an engine of its own.
  const early = start("t0", "waits");
  const log = make();
  early.postMessage("go on");
  logAll(log, "main");
  await exited(early);
  await log.flush();
} else if (scenario === "main-exits") {
  // The others are still logging when the main thread ends the process.
  const log = make();
  for (let n = 0; n < threads; n++) start(`t${n}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  logAll(log, "main", 0, 1000);
  console.log(`ends at ${Date.now()}`);
  process.exit(6);
} else {
  const log = make();
  await SCENARIOS[scenario](log);
  await log.flush();
  console.log(`result ${JSON.stringify({ accounts: log.accounts(), lanesInUse: log.metrics().lanesInUse })}`);
}
