// Logs turn by turn, says after each how many records there are by now, and kills itself in the middle of the last one.
import { writeSync } from "node:fs";

const { spillway, sinks, options, turns, perTurn, dies } = JSON.parse(process.argv[2]);
const { createLogger } = await import(spillway);
const log = createLogger({ sinks, base: null, ...options });
writeSync(1, `durability ${log.durability}\n`);

let seq = 0;
const turn = () => {
  for (let i = 0; i < perTurn; i++) log.info({ producer: "main", seq: seq++ }, "a record of a turn");
};
for (let i = 0; i < turns; i++) {
  turn();
  await new Promise((resolve) => setImmediate(resolve));
  writeSync(1, `logged ${seq}\n`);
}
turn();
if (dies) process.kill(process.pid, "SIGKILL");
