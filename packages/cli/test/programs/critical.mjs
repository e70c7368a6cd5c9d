// Logs critical records, waits until they are durable, and is killed.
import { createLogger } from "spillway";

const { path, walPath, count } = JSON.parse(process.argv[2]);
const log = createLogger({ sinks: { file: { type: "file", path } }, base: null, critical: { walPath } });
for (let seq = 0; seq < count; seq++) log.error({ producer: "main", seq }, "critical");
await log.durable();
process.kill(process.pid, "SIGKILL");
