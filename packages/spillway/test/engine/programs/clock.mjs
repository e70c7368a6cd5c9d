// Ends its drain worker, and goes on logging without ever yielding: who refreshes the clock now?
import { createLogger } from "spillway";

const { sinks } = JSON.parse(process.argv[2]);
const workers = new Set();
process.on("worker", (worker) => workers.add(worker));
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const rest = (ms) => Atomics.wait(sleeper, 0, 0, ms);

const log = createLogger({ sinks, base: null });
log.info("the worker is up");
await log.flush();
log.info("and awake");
rest(20);
for (const worker of workers) void worker.terminate();
rest(100);
for (let i = 0; i < 3; i++) {
  log.info({ real: Date.now() });
  rest(400);
}
