// Appends on a disk of 2 MiB until it is full, frees space, goes on; then reads all of it back. Prints what it counted.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OVERFLOW_WORDS, OverflowReader, OverflowWriter } from "@spillway/spill";

const { folder } = JSON.parse(process.argv[2]);
const words = new Int32Array(new SharedArrayBuffer(OVERFLOW_WORDS * 4));
const stream = "app.1.5.0";
const writer = new OverflowWriter({
  folder,
  stream,
  epoch: 5,
  lane: 0,
  pid: 1,
  words,
  cap: 1024 * 1024 * 1024,
  segmentBytes: 128 * 1024,
});
const reader = new OverflowReader({ folder, stream, words });
const filler = join(folder, "filler");
const pause = new Int32Array(new SharedArrayBuffer(4));
const payload = Buffer.alloc(3000, 7);
const counts = { ok: 0, refused: 0, codes: [], resumedAfterMs: [], taken: 0, inOrder: true, skipped: 0, slowestMs: 0 };
let seq = 0;

function append() {
  payload.writeUInt32LE(seq);
  const startMs = performance.now();
  const answer = writer.append(3, seq, payload, 0, 100 + ((seq * 7919) % 2900));
  counts.slowestMs = Math.max(counts.slowestMs, performance.now() - startMs);
  if (answer === "ok") {
    seq++;
    counts.ok++;
    return true;
  }
  counts.refused++;
  if (!counts.codes.includes(writer.failure.code)) counts.codes.push(writer.failure.code);
  return false;
}

for (let round = 0; round < 20; round++) {
  writeFileSync(filler, Buffer.alloc(1024 * 1024));
  while (append());
  // The disk stays full for a while: every call is an answer.
  for (let i = 0; i < 1000; i++) append();
  const freedAt = performance.now();
  rmSync(filler);
  while (!append()) Atomics.wait(pause, 0, 0, 1);
  counts.resumedAfterMs.push(Math.round(performance.now() - freedAt));
  reader.drain(
    (_tag, offset) => {
      if (reader.memory.readUInt32LE(offset) !== counts.taken) counts.inOrder = false;
      counts.taken++;
      return true;
    },
    () => {
      counts.skipped++;
    },
  );
  reader.ack(reader.drainedTo);
}
console.log(JSON.stringify({ ...counts, left: writer.writtenTo - reader.ackedTo }));
