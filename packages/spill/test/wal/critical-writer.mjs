// Appends to a log for as long as it is let, and says to descriptor 3 what it was told to be durable: the number of the
// last frame, as text, after `durable()` or `syncNow()` came back, never before.
//
// A frame's payload is its number, repeated, so that whoever reads it can tell that it is the right one.

import { writeSync } from "node:fs";
import { openWal } from "../../src/index.ts";

const {
  log,
  mode,
  frames = Number.POSITIVE_INFINITY,
  segmentBytes = 16_384,
  prunes = false,
  pauseMs = 0,
} = JSON.parse(process.argv[2]);
const ACKS = 3;
const LONGEST = 60;
const wal = openWal(log, { segmentBytes, onTrouble: (error) => console.log(`trouble ${error.code} ${error.message}`) });

let failed = 0;
function append() {
  const seq = wal.lastSeq + 1;
  wal.append(seq & 0xffff, Buffer.from(`${seq} `.repeat(1 + (seq % LONGEST))));
}

async function commit() {
  const to = wal.lastSeq;
  try {
    if (mode === "sync" || (mode === "mixed" && to % 3 === 0)) wal.syncNow();
    else await wal.durable();
    writeSync(ACKS, `${to}\n`);
  } catch (error) {
    failed += error.count;
    console.log(`failed ${error.code} ${error.errno} ${error.count} after ${wal.settledTo}`);
  }
}

while (wal.lastSeq < frames) {
  const many = 1 + (wal.lastSeq % 5);
  for (let i = 0; i < many && wal.lastSeq < frames; i++) append();
  const done = commit();
  // What is appended while a sync is on its way goes with the next one.
  if (mode === "mixed") append();
  await done;
  if (prunes && wal.lastSeq % 50 < 5) await wal.prune(wal.lastSeq - 40);
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
await wal.close().catch((error) => console.log(`close ${error.code}`));
console.log(`end ${JSON.stringify({ ...wal.counts(), failed })}`);
