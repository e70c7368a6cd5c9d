// Logs many records in one tick, then sends itself a signal with nothing left to do. Without `sinks` it logs nowhere, for
// comparison.
//
// signal    which; `undefined`: waits for one
// listens   on | once: the program listens for it itself; then it logs one more in the next turn, and exits with 9
// first     it listens before there is a logger
// survives  it goes on after the signal, logs one more in the next turn, and exits with 9
import { writeSync } from "node:fs";
import { createLogger } from "spillway";

const { sinks, count, signal, listens, first = false, survives = false, options } = JSON.parse(process.argv[2]);

let seq = 0;
let log = { info() {} };
const record = () => log.info({ producer: "main", seq: seq++ }, "a record");
const goOn = () =>
  setImmediate(() => {
    record();
    process.exit(9);
  });
const listen = () => {
  if (listens !== undefined) process[listens](signal, goOn);
};

if (first) listen();
if (sinks !== undefined) log = createLogger({ sinks, base: null, ...options });
if (!first) listen();

setInterval(() => undefined, 1000);
setImmediate(() => {
  for (let i = 0; i < count; i++) record();
  writeSync(1, `logged ${Date.now()}\n`);
  if (signal !== undefined) process.kill(process.pid, signal);
  if (survives) goOn();
});
