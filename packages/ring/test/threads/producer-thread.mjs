// Puts frames into a small ring as fast as it takes them. `publishFirst` is the mistake that the stress test must see:
// the frame is committed before its payload is written.
import { parentPort, workerData } from "node:worker_threads";
import { CONSUMER_ACKED, CONSUMERS, FULL, laneOffset, Producer } from "@spillway/ring";
import { byteOf, lengthOf } from "./frames.mjs";

const { memory, capacity, frames, publishFirst } = workerData;
const producer = new Producer(memory, 0);
const bytes = new Uint8Array(memory);
const words = new Int32Array(memory);
const acked = laneOffset(0, capacity) / 4 + CONSUMERS + CONSUMER_ACKED;
let waits = 0;

for (let n = 0; n < frames; n++) {
  const length = lengthOf(n);
  const at = claim(length);
  if (publishFirst) producer.commit(1, length);
  for (let i = 0; i < length; i++) bytes[at + i] = byteOf(n, i);
  if (!publishFirst) producer.commit(1, length);
}
parentPort.postMessage({ waits });

function claim(length) {
  for (;;) {
    const seen = Atomics.load(words, acked);
    const at = producer.tryClaim(length);
    if (at !== FULL) return at;
    waits++;
    // The consumer notifies after every ack; the time is for the machine that is too busy to let it run.
    Atomics.wait(words, acked, seen, 5);
  }
}
