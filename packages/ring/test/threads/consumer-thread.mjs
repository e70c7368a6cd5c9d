// Takes frames out and looks at every byte of them; answers how many were not what they should be.
import { parentPort, workerData } from "node:worker_threads";
import { COMMITTED, CONSUMER_ACKED, CONSUMERS, Consumer, laneOffset } from "@spillway/ring";
import { byteOf, lengthOf } from "./frames.mjs";

const { memory, capacity, frames } = workerData;
const consumer = new Consumer(memory, 0);
const bytes = new Uint8Array(memory);
const words = new Int32Array(memory);
const lane = laneOffset(0, capacity) / 4;
let next = 0;
let bad = 0;
let wraps = 0;
let before = consumer.drainedTo;

while (next < frames) {
  const seen = Atomics.load(words, lane + COMMITTED);
  const drained = consumer.drain(look, 64);
  if (consumer.drainedTo < before) wraps++;
  before = consumer.drainedTo;
  consumer.ack(consumer.drainedTo);
  Atomics.notify(words, lane + CONSUMERS + CONSUMER_ACKED);
  // Nobody notifies this word: a short sleep that ends at once when there was a commit in between.
  if (drained === 0) Atomics.wait(words, lane + COMMITTED, seen, 0.05);
}
parentPort.postMessage({ frames: next, bad, wraps });

function look(_tag, offset, length) {
  let isGood = length === lengthOf(next);
  for (let i = 0; i < length; i++) {
    if (bytes[offset + i] !== byteOf(next, i)) isGood = false;
  }
  if (!isGood) bad++;
  next++;
  return true;
}
