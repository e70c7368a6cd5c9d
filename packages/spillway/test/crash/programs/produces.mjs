// Logs from one or several threads until it is killed, and raises a cell outside of the process after each call.
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { Acknowledging } from "@spillway/testkit/acknowledged";
import { createLogger } from "spillway";

const input = isMainThread ? JSON.parse(process.argv[2]) : workerData.input;
const { sinks, options, step, threads, neverYields, isMirror, perTurn, pauseMs, atMost, isBig } = input;
const number = isMainThread ? 0 : workerData.number;
const acknowledging = isMainThread ? Acknowledging.map(input.acknowledged) : new Acknowledging(workerData.memory);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const text = "0123456789abcdefghijklmnopqrstuvwxyz".repeat(2000);

const log = createLogger({ sinks, base: null, ...options });
if (isMainThread) {
  for (let n = 1; n < threads; n++)
    new Worker(new URL(import.meta.url), { workerData: { input, number: n, memory: acknowledging.memory } });
}

const producer = `${step}.${number}`;
const bound = log.child({ producer });
let seq = 0;

/** Of every kind that takes a way of its own through the ring; `size` says how long `text` must be. */
function logOne() {
  const size = (seq * 7919) % 97;
  if (seq % 500 === 499 && isBig) log.info({ producer, seq, size: 70_000, text: text.slice(0, 70_000) }, "big");
  else if (seq % 97 === 96) log.warn({ producer, seq, size: 3000, text: text.slice(0, 3000) }, "long");
  else if (seq % 31 === 30) bound.info({ seq, size, text: text.slice(0, size), [`key${seq % 29}`]: "äöü€\n" });
  else if (seq % 23 === 22) log.error({ producer, seq, size, text: text.slice(0, size), err: new Error("one") });
  else if (seq % 2 === 1) bound.info({ seq, size, text: text.slice(0, size) }, "the value %d of %s", seq, "many");
  else log.info({ producer, seq, size, text: text.slice(0, size), list: [seq, { deep: true }] }, "a record");
  seq++;
  if (!isMirror) acknowledging.raise(number, seq);
}

while (true) {
  for (let i = 0; i < perTurn && seq < atMost; i++) logOne();
  if (neverYields) Atomics.wait(sleeper, 0, 0, seq < atMost ? pauseMs : 50);
  else if (pauseMs === 0 && seq < atMost) await new Promise((resolve) => setImmediate(resolve));
  else await new Promise((resolve) => setTimeout(resolve, seq < atMost ? pauseMs : 50));
  if (isMirror) acknowledging.raise(number, seq);
}
