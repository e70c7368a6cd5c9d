// Logs numbered records and is killed with all of them in its ring: where its log should be there is a folder.
import { mkdirSync } from "node:fs";
import { createLogger } from "spillway";

const { path, count } = JSON.parse(process.argv[2]);
mkdirSync(path, { recursive: true });
const log = createLogger({ sinks: { file: { type: "file", path } }, base: null });
for (let seq = 0; seq < count; seq++) log.info({ producer: "main", seq, filler: "x".repeat(100) }, "a record");
process.kill(process.pid, "SIGKILL");
