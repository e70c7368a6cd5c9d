// Logs all the time while its drain worker is killed again and again, and says what became of everything.
import { readdirSync } from "node:fs";
import { createLogger } from "spillway";

const {
  sinks,
  forMs,
  everyMs,
  perTurn,
  ends = "terminate",
  isBusy = false,
  options = {},
} = JSON.parse(process.argv[2]);

const NOTICED_MS = 20;

const workers = new Set();
let exits = 0;
process.on("worker", (worker) => {
  workers.add(worker);
  worker.once("exit", () => {
    workers.delete(worker);
    exits++;
  });
});

const log = createLogger({ sinks, base: null, ...options });
let seq = 0;
const outages = [];
let lastDelivered = 0;
let deliveredAt = performance.now();
let hasDelivered = false;

/** How long nothing arrives although there is always more: the time it takes to find a death and to replace the worker. */
function watch() {
  const { delivered } = log.accounts().sinks.file;
  const now = performance.now();
  if (delivered === lastDelivered) return;
  if (now - deliveredAt > NOTICED_MS) outages.push(now - deliveredAt);
  lastDelivered = delivered;
  deliveredAt = now;
  hasDelivered = true;
}

const usage = () => ({
  fds: readdirSync("/proc/self/fd").length,
  rss: process.memoryUsage.rss(),
  threads: readdirSync("/proc/self/task").length,
});
const kill = () => {
  // A worker that has done nothing yet would only show how long a thread takes to start.
  if (!hasDelivered && !isBusy) return;
  hasDelivered = false;
  if (ends === "terminate") for (const worker of workers) void worker.terminate();
};

log.info({ producer: "main", seq: seq++ });
await log.flush();
const before = usage();
const endsAt = performance.now() + forMs;
if (isBusy) {
  // The main thread never yields: it logs, and asks for the worker's end from inside its loop.
  let killAt = performance.now() + everyMs;
  while (performance.now() < endsAt) {
    for (let i = 0; i < perTurn; i++)
      log.info({ producer: "main", seq: seq++ }, "a record among many, while the worker dies");
    if (performance.now() > killAt) {
      kill();
      killAt = performance.now() + everyMs;
    }
  }
} else {
  const killer = setInterval(kill, everyMs);
  while (performance.now() < endsAt) {
    for (let i = 0; i < perTurn; i++)
      log.info({ producer: "main", seq: seq++ }, "a record among many, while the worker dies");
    watch();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  clearInterval(killer);
}
await log.flush();
const after = usage();
console.log(
  `result ${JSON.stringify({ logged: seq, accounts: log.accounts(), exits, before, after, outages, respawns: log.metrics().respawns })}`,
);
await log.shutdown();
