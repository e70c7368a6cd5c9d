// Threads log critical records and wait until they are durable; one after the other, then some at once.
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { createLogger } from "spillway";

const { sinks, options, count, end } = isMainThread ? JSON.parse(process.argv[2]) : workerData.input;
const log = createLogger({ sinks, base: null, ...options });

async function logSome(producer) {
  for (let seq = 0; seq < count; seq++) log.error({ producer, seq }, "critical");
  await log.durable();
}

function thread(producer, stays) {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { input: { sinks, options, count, end }, producer, stays },
  });
  return new Promise((resolve) => {
    worker.once("message", () => {
      if (stays) resolve();
    });
    worker.once("exit", resolve);
  });
}

if (isMainThread) {
  await logSome("main");
  // Both have the same lane, and the second goes on with the log of the first.
  await thread("first", false);
  await thread("second", false);
  await Promise.all([thread("third", true), thread("fourth", true)]);
  console.log("durable");
  if (end === "shutdown") {
    await log.shutdown();
    process.exit(0);
  }
  setInterval(() => undefined, 1000);
} else {
  const { parentPort } = await import("node:worker_threads");
  await logSome(workerData.producer);
  parentPort.postMessage("durable");
  if (workerData.stays) setInterval(() => undefined, 1000);
}
