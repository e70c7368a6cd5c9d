// A process that opens a FIFO for reading and does not read it until told to. Says `ready`; a line on stdin starts it;
// the end of stdin makes it finish what is there and print the number of records it took out: lines, but for those in
// which a logger says how many records it dropped.

import { closeSync, constants, openSync, readSync } from "node:fs";
import { sleep } from "./turns.mjs";

const file = openSync(process.argv[2], constants.O_RDONLY | constants.O_NONBLOCK);
const chunk = Buffer.allocUnsafe(1 << 20);
let reading = false;
let over = false;
let lines = 0;
/** The end of the chunk before, in which such a line may have begun. */
let before = Buffer.from("\n");
const REPORT = Buffer.from('\n{"dropped":');

process.stdin.on("data", () => {
  reading = true;
});
process.stdin.on("end", () => {
  over = true;
});
process.stdout.write("ready\n");

for (;;) {
  const ending = over;
  const took = (reading || ending) && take();
  if (ending && !took) break;
  // Its own turn for stdin either way; a rest only when there was nothing.
  await sleep(took ? 0 : 1);
}
closeSync(file);
process.stdout.write(`${lines}\n`);

function take() {
  let read;
  try {
    read = readSync(file, chunk, 0, chunk.length, null);
  } catch (error) {
    if (error.code === "EAGAIN") return false;
    throw error;
  }
  for (let at = chunk.indexOf(10); at !== -1 && at < read; at = chunk.indexOf(10, at + 1)) lines++;
  const seen = Buffer.concat([before, chunk.subarray(0, read)]);
  for (let at = seen.indexOf(REPORT); at !== -1; at = seen.indexOf(REPORT, at + 1)) lines--;
  before = Buffer.from(seen.subarray(Math.max(0, seen.length - REPORT.length + 1)));
  return read > 0;
}
