// node log.mjs FILE [sync | exit | stay]: 2000 lines into FILE.
import { readFileSync } from "node:fs";
import { createLogger } from "spillway";

let workers = 0;
process.on("worker", () => workers++);

const [file, mode] = process.argv.slice(2);
const log = createLogger({ sinks: { file: { type: "file", path: file } }, sync: mode === "sync" });
for (let index = 0; index < 2000; index++) log.info({ index }, "line %d of %s", index, "many");
if (mode === "exit") process.exit(0);
if (mode === "sync") console.log(`in the file: ${readFileSync(file, "utf8").split("\n").length - 1}`);
// Not awaited at the top: bundlers that write CommonJS refuse that.
if (mode === "stay") void stay();

async function stay() {
  await log.flush();
  const { respawns } = log.metrics();
  console.log(`in the file: ${readFileSync(file, "utf8").split("\n").length - 1}`);
  // With a thread there, flush() waits for what that delivers.
  console.log(`durability: ${log.durability}`);
  console.log(`worker: ${workers === 1 && respawns === 0}`);
}
