// Logs many records in one tick, then ends in the way it is told. Without `sinks` it logs nowhere, for comparison.
import { existsSync, writeSync } from "node:fs";
import { createLogger } from "spillway";

const { sinks, count, end, warm = false, mark, options = {} } = JSON.parse(process.argv[2]);

let seq = 0;
const nowhere = { info() {}, error() {}, flush: async () => {} };
if (end === "exit-handler-before") process.on("exit", () => record());
const log = sinks === undefined ? nowhere : createLogger({ sinks, base: null, ...options });
const record = () => log.info({ producer: "main", seq: seq++ }, "a record");

const ENDS = {
  natural: () => undefined,
  "process.exit": () => process.exit(3),
  throw: () => {
    throw new Error("thrown by the program");
  },
  rejection: () => {
    Promise.reject(new Error("rejected by the program"));
  },
  "exit-handler-before": () => undefined,
  "exit-handler-after": () => {
    process.on("exit", () => {
      record();
      record();
    });
  },
  "exit-code": () => {
    process.exitCode = 9;
  },
  "uncaught-handler": () => {
    process.on("uncaughtException", (error) => {
      log.error({ producer: "main", seq: seq++, err: error });
      process.exit(4);
    });
    throw new Error("thrown by the program");
  },
  "exit-handler-throws": () => {
    process.on("exit", () => {
      record();
      throw new Error("thrown by an exit handler");
    });
  },
};

if (warm) {
  record();
  await log.flush();
}
/** Blocks until the sink has said that it misbehaves now: nobody can look after the worker in between. */
function waitForMark() {
  record();
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(mark)) Atomics.wait(sleeper, 0, 0, 5);
}

setImmediate(() => {
  if (mark !== undefined && sinks !== undefined) waitForMark();
  for (let i = 0; i < count; i++) record();
  writeSync(1, `ends at ${Date.now()}\n`);
  ENDS[end]();
});
