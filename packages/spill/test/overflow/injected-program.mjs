// Appends 300 frames, each until it is taken, while the kernel is made to fail; then reads them back from the files.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { OVERFLOW_WORDS, OverflowWriter, readSegments } from "@spillway/spill";

const { folder } = JSON.parse(process.argv[2]);
const words = new Int32Array(new SharedArrayBuffer(OVERFLOW_WORDS * 4));
const pause = new Int32Array(new SharedArrayBuffer(4));
const writer = new OverflowWriter({
  folder,
  stream: "app.1.5.0",
  epoch: 5,
  lane: 0,
  pid: 1,
  words,
  cap: 1024 * 1024 * 1024,
  segmentBytes: 32 * 1024,
});
const counts = { ok: 0, refused: 0, codes: [], taken: 0, inOrder: true, skipped: 0 };
const payload = Buffer.alloc(300, 7);
for (let seq = 0; seq < 300; seq++) {
  payload.writeUInt32LE(seq);
  while (writer.append(3, seq, payload) !== "ok") {
    counts.refused++;
    if (!counts.codes.includes(writer.failure.code)) counts.codes.push(writer.failure.code);
    Atomics.wait(pause, 0, 0, 25);
  }
  counts.ok++;
}
const paths = readdirSync(folder).map((name) => join(folder, name));
for (const item of readSegments(paths)) {
  if (item.kind === "damage") counts.skipped++;
  else if (item.payload.readUInt32LE(0) !== counts.taken++) counts.inOrder = false;
}
console.log(JSON.stringify(counts));
