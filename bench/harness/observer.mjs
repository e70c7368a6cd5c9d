// An outside process that notes when each line becomes visible in a file to somebody who is not the logger.
// Run as: node observer.mjs FILE NAP_MS. Says `ready`, looks until its stdin ends, then prints
// [[n, nanoseconds of the shared clock], ...] for every line with a field `n`.

import { closeSync, openSync, readSync } from "node:fs";
import { sharedClockNs, sleep } from "./turns.mjs";

const [path, napMs] = [process.argv[2], Number(process.argv[3])];
const NUMBER_OF_LINE = /"n":(\d+)/;
const LOOKS_PER_TURN = 20;

const napper = new Int32Array(new SharedArrayBuffer(4));
const chunk = Buffer.allocUnsafe(1 << 20);
const seen = [];
let file;
let begun = "";

let over = false;
process.stdin.resume();
process.stdin.on("end", () => {
  over = true;
});

process.stdout.write("ready\n");
while (!over) {
  // Naps are shorter than a timer can be, so the event loop gets its turn only now and then.
  for (let look = 0; look < LOOKS_PER_TURN; look++) {
    takeWhatIsThere();
    Atomics.wait(napper, 0, 0, napMs);
  }
  await sleep(0);
}
takeWhatIsThere();
if (file !== undefined) closeSync(file);
process.stdout.write(JSON.stringify(seen));

function takeWhatIsThere() {
  try {
    file ??= openSync(path, "r");
  } catch {
    return;
  }
  for (;;) {
    const read = readSync(file, chunk, 0, chunk.length, null);
    if (read === 0) return;
    const now = sharedClockNs();
    const lines = (begun + chunk.latin1Slice(0, read)).split("\n");
    begun = lines.pop() ?? "";
    for (const line of lines) {
      const number = NUMBER_OF_LINE.exec(line);
      if (number) seen.push([Number(number[1]), now]);
    }
  }
}
