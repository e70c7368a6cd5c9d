// A small life of a logger, the same every time: to be killed at each of its system calls.
import { Acknowledging } from "@spillway/testkit/acknowledged";
import { createLogger } from "spillway";

const { sinks, acknowledged, options, producer = "main" } = JSON.parse(process.argv[2]);
const acknowledging = Acknowledging.map(acknowledged);
const log = createLogger({ sinks, base: null, ...options });
let seq = 0;

for (let turn = 0; turn < 4; turn++) {
  for (let i = 0; i < 150; i++) {
    log.info({ producer, seq, size: 100, text: "x".repeat(100) }, "a record of %d", turn);
    acknowledging.raise(0, ++seq);
  }
  if (turn === 1) await log.flush();
}
// Larger than half the ring: a file of its own.
log.info({ producer, seq, size: 40_000, text: "y".repeat(40_000) });
acknowledging.raise(0, ++seq);
await log.shutdown();
