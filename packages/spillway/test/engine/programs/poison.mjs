// Two threads log, each a poisoned record in the middle of many; says what became of everything.
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { createLogger } from "spillway";

const input = isMainThread ? JSON.parse(process.argv[2]) : workerData;
const { sinks, count, poisonBytes = 0, poisoned, options = {}, end = "flush" } = input;
const log = createLogger({ sinks, base: null, ...options });

function logAll(producer) {
  for (let seq = 0; seq < count; seq++) {
    const isPoison = poisoned.includes(producer) && seq === count / 2;
    const filler = "poison".repeat(Math.ceil(poisonBytes / 6) + 1);
    log.info({ producer, seq, ...(isPoison ? { poison: true, filler } : undefined) }, "a record");
  }
}

if (!isMainThread) logAll("thread");
else {
  const thread = new Worker(new URL(import.meta.url), { workerData: input });
  const exited = new Promise((resolve) => thread.once("exit", resolve));
  logAll("main");
  await exited;
  if (end === "flush") {
    await log.flush();
    console.log(`result ${JSON.stringify({ accounts: log.accounts(), respawns: log.metrics().respawns })}`);
    await log.shutdown();
  } else process.kill(process.pid, "SIGKILL");
}
