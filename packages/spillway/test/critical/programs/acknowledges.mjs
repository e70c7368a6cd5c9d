// Logs critical records among others until it is killed, and raises a cell outside of the process when they are durable.
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { Acknowledging } from "@spillway/testkit/acknowledged";
import { createLogger } from "spillway";

const input = isMainThread ? JSON.parse(process.argv[2]) : workerData.input;
const { sinks, options, step, threads, isMirror, pauseMs, perTurn, atMost, isBig } = input;
const number = isMainThread ? 0 : workerData.number;
const acknowledging = isMainThread ? Acknowledging.map(input.acknowledged) : new Acknowledging(workerData.memory);
const text = "0123456789abcdefghijklmnopqrstuvwxyz".repeat(2000);
// In sync mode a call has its answer when it returns; in the other one a group has, when durable() resolves.
const isSync = pauseMs === 5;
const group = isSync ? 1 : Math.min(perTurn, 20);

const log = createLogger({ sinks, base: null, ...options, sync: isSync, critical: {} });
if (isMainThread) {
  for (let n = 1; n < threads; n++)
    new Worker(new URL(import.meta.url), { workerData: { input, number: n, memory: acknowledging.memory } });
}

const producer = `${step}.${number}`;
let seq = 0;

function logOne() {
  const size = (seq * 7919) % 97;
  // What is not critical survives a kill in the ring alone, where that is mapped.
  if (!isMirror && seq % 3 === 1) log.info({ producer, seq, size, text: text.slice(0, size) }, "a record of %d", seq);
  else if (isBig && seq % 50 === 49) log.fatal({ producer, seq, size: 70_000, text: text.slice(0, 70_000) }, "big");
  else log.error({ producer, seq, size, text: text.slice(0, size) }, "a critical record");
  seq++;
}

while (true) {
  for (let i = 0; i < group && seq < atMost; i++) logOne();
  if (!isSync) await log.durable();
  acknowledging.raise(number, seq);
  if (isSync || seq >= atMost) await new Promise((resolve) => setTimeout(resolve, seq < atMost ? 0 : 50));
}
