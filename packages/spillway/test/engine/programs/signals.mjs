// Logs many records in one tick, then sends itself a signal with nothing left to do. Without `sinks` it logs nowhere, for
// comparison.
//
// signal    which; `undefined`: waits for one
// listens   on | once: the program listens for it itself, says so, logs one more some turns later, and exits with 9
// first     it listens before there is a logger
// survives  it goes on after the signal, logs on until it meets a call that has not delivered its record itself,
//           and exits with 9
import { writeSync } from "node:fs";
import { createLogger } from "spillway";

const { sinks, count, signal, listens, first = false, survives = false, options } = JSON.parse(process.argv[2]);

let seq = 0;
let log = { info() {} };
const record = () => log.info({ producer: "main", seq: seq++ }, "a record");
const someTurns = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};
const hear = async () => {
  writeSync(1, "heard\n");
  await someTurns();
  record();
  process.exit(9);
};
const listen = () => {
  if (listens !== undefined) process[listens](signal, hear);
};

if (first) listen();
if (sinks !== undefined) log = createLogger({ sinks, base: null, ...options });
if (!first) listen();

setInterval(() => undefined, 1000);
setImmediate(async () => {
  for (let i = 0; i < count; i++) record();
  writeSync(1, `logged ${Date.now()}\n`);
  if (signal !== undefined) process.kill(process.pid, signal);
  if (!survives) return;
  await someTurns();
  do record();
  while (sinks !== undefined && log.accounts().sinks.file.pending === 0);
  writeSync(1, `in all ${seq}\n`);
  process.exit(9);
});
