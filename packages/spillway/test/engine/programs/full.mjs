// Fills the ring while its sink takes nothing, then lets the sink go on; tells what the calls cost and what became of all.
import { writeFileSync } from "node:fs";
import { createLogger } from "spillway";

const {
  sinks,
  opens,
  count,
  levels = ["info"],
  bytes = 100,
  options = {},
  pauseMs = 0,
  watchRss = false,
} = JSON.parse(process.argv[2]);
const log = createLogger({ sinks, base: null, level: "trace", ...options });
const filler = "x".repeat(bytes);

log.info({ producer: "first", seq: 0 });
const calls = {};
let slowestMs = 0;
let slowCalls = 0;
let rss = 0;
const startedAt = performance.now();
for (let seq = 0; seq < count; seq++) {
  const level = levels[seq % levels.length];
  calls[level] = (calls[level] ?? 0) + 1;
  const before = performance.now();
  log[level]({ producer: "main", seq, filler });
  const took = performance.now() - before;
  slowestMs = Math.max(slowestMs, took);
  if (took > 50) slowCalls++;
  if (watchRss && seq % 50_000 === 0) {
    rss = Math.max(rss, process.memoryUsage.rss());
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const burstMs = performance.now() - startedAt;
const stalled = log.accounts();
if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
if (opens !== undefined) writeFileSync(opens, "");
// Something has to be logged for the report of what was dropped, should no timer have done it.
await log.flush();
log.info({ producer: "last", seq: 0 });
await log.flush();
await log.shutdown();
console.log(
  `result ${JSON.stringify({ calls, slowestMs, slowCalls, burstMs, stalled, accounts: log.accounts(), rss })}`,
);
