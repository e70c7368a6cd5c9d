// Two threads log a few records each turn, for ever, and say outside of the process how far they are: after each call, or
// (`perTurn`) when the turn is over. On a line of input the thread ends, and its lane with it.
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { Acknowledging } from "@spillway/testkit/acknowledged";
import { createLogger } from "spillway";

const PER_TURN = 5;
const { sinks, options, acknowledged, perTurn } = isMainThread ? JSON.parse(process.argv[2]) : workerData;
const log = createLogger({ sinks, base: null, ...options });

function logForEver(producer, cell, calls) {
  let seq = 0;
  setInterval(() => {
    for (let i = 0; i < PER_TURN; i++) {
      log.info({ producer, seq: seq++ }, "a record of a turn");
      if (!perTurn) calls.raise(cell, seq);
    }
    if (perTurn) setImmediate(() => calls.raise(cell, seq));
  }, 2);
}

if (isMainThread) {
  const calls = Acknowledging.map(acknowledged);
  const memory = calls.memory;
  const thread = new Worker(new URL(import.meta.url), { workerData: { sinks, options, perTurn, memory } });
  process.stdin.once("data", () => void thread.terminate().then(() => console.log("terminated")));
  console.log(`durability ${log.durability}`);
  logForEver("main", 0, calls);
  setInterval(() => console.log(`remade ${log.metrics().ringFilesRemade} ${log.durability}`), 50);
} else logForEver("thread", 1, new Acknowledging(workerData.memory));
