// Appends frames as fast as they are taken, and says each number once its append has returned; a thread of the same
// process drains and acks behind it. `lie` is the mistake the test must see: the last frame is kept back until the next.
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { OVERFLOW_FILES, OVERFLOW_WORDS, OverflowWriter } from "@spillway/spill";

const { folder, stream, hasReader, lie } = JSON.parse(process.argv[2]);
const words = new Int32Array(new SharedArrayBuffer(OVERFLOW_WORDS * 4));
if (hasReader) new Worker(new URL("reader.mjs", import.meta.url), { workerData: { folder, stream, words } });

let kept;
const lying = {
  ...OVERFLOW_FILES,
  write(fd, bytes, offset, length, position) {
    if (kept !== undefined) OVERFLOW_FILES.write(...kept);
    kept = [fd, Buffer.from(bytes.subarray(offset, offset + length)), 0, length, position];
    return length;
  },
};
const writer = new OverflowWriter({
  folder,
  stream,
  epoch: 77,
  lane: 0,
  pid: process.pid,
  words,
  cap: 64 * 1024 * 1024,
  segmentBytes: 64 * 1024,
  ...(lie ? { files: lying } : {}),
});
const payload = Buffer.alloc(600);
let seq = 0;

/** The pipe does not block: when it is full, again. */
function say(line) {
  for (;;) {
    try {
      return writeSync(1, line);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

function round() {
  for (let i = 0; i < 200; i++) {
    const length = 4 + ((seq * 7919) % 500);
    payload.fill(seq & 0xff, 0, length).writeUInt32LE(seq);
    const answer = writer.append(3, seq, payload, 0, length);
    if (answer === "full") break;
    if (answer !== "ok") throw new Error(writer.failure.message);
    // The number leaves the process: whoever kills it now knows that the append had returned.
    say(`${seq}\n`);
    seq++;
  }
  setImmediate(round);
}
round();
