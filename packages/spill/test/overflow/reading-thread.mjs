// Drains, writes the number of each frame to a file of its own, and acks. Runs beside the writer in the same process.
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { workerData } from "node:worker_threads";
import { OverflowReader } from "@spillway/spill";

const { folder, stream, words } = workerData;
const out = openSync(join(folder, "taken.txt"), "a");
const reader = new OverflowReader({ folder, stream, words });
const pause = new Int32Array(new SharedArrayBuffer(4));

for (;;) {
  let text = "";
  reader.drain(
    (_tag, offset) => {
      text += `${reader.memory.readUInt32LE(offset)}\n`;
      return true;
    },
    (from, to, what) => {
      text += `damage ${what} ${from} ${to}\n`;
    },
    20_000,
  );
  if (reader.failure !== undefined) text += `failure ${reader.failure.message}\n`;
  if (text !== "") writeSync(out, text);
  reader.ack(reader.drainedTo);
  Atomics.wait(pause, 0, 0, 1);
}
