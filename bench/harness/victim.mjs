// The program that is killed in `what-survives-a-kill`: logs, notes outside of itself how many calls have returned, ends
// as it is told.

import { openSync, writeSync } from "node:fs";
import { contenders, loadContender } from "../contenders/contenders.mjs";
import { compile } from "../shapes/compile.mjs";

const { contender: name, end, isPaced, path, noted, settings } = JSON.parse(process.argv[2]);
const shape = { name: "numbered", fields: "{ n: i }", message: '"a record"', keys: ["n"], text: /^a record$/ };

const ENDS = {
  end: () => undefined,
  "process.exit": () => process.exit(0),
  throw: () => {
    throw new Error("the end");
  },
  SIGTERM: () => process.kill(process.pid, "SIGTERM"),
  SIGKILL: () => process.kill(process.pid, "SIGKILL"),
  abort: () => process.abort(),
  heap: () => {
    const kept = [];
    while (true) kept.push(new Array(1000).fill(kept.length));
  },
};

const file = openSync(noted, "r+");
const { create } = await loadContender(name);
const { batch } = compile(shape, contenders[name].dialect, name);
const contender = create({ path, level: "info" });
await contender.ready;

let logged = 0;
const log = (count) => {
  batch(contender.log, logged, count);
  logged += count;
  const note = Buffer.alloc(4);
  note.writeInt32LE(logged);
  writeSync(file, note, 0, 4, 0);
};

if (isPaced) setInterval(() => log(settings.perMs), 1);
else
  setImmediate(() => {
    log(settings.records);
    ENDS[end]();
  });
