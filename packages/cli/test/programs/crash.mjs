// Logs numbered records, says "logged" and waits to be killed. `threads`: how many other threads log as well.
import { writeSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { createLogger } from "spillway";

const input = workerData ?? JSON.parse(process.argv[2]);
const { producer = "main", path, count, bytes = 0, threads = 0, sinks, options = {} } = input;
const log = createLogger({ sinks: sinks ?? { file: { type: "file", path } }, base: null, ...options });

if (isMainThread) {
  for (let thread = 0; thread < threads; thread++) {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { ...input, producer: `${producer}-${thread}` },
    });
    await new Promise((resolve) => worker.once("message", resolve));
  }
}
const filler = "x".repeat(bytes);
for (let seq = 0; seq < count; seq++) log.info({ producer, seq, filler }, "a record");
if (isMainThread) writeSync(1, `logged ${log.durability}\n`);
else (await import("node:worker_threads")).parentPort.postMessage("logged");
setInterval(() => undefined, 1000);
