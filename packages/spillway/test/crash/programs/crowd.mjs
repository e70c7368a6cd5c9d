// One of many processes with one log: as a cluster's primary it starts the others, otherwise it logs, and dies if told.

import { fork } from "node:child_process";
import cluster from "node:cluster";
import { fileURLToPath } from "node:url";
import { Acknowledging } from "@spillway/testkit/acknowledged";
import { createLogger } from "spillway";

const input = JSON.parse(process.env.CROWD ?? process.argv[2]);
const { sinks, options, acknowledged, processes, kind, count, name, diesAfter } = input;

if (name === undefined) {
  const exits = [];
  const start = (n, generation) => {
    // Every other one of the first generation is killed, and another takes its place.
    const dies = generation === 0 && n % 2 === 1 ? Math.floor(count / 2) : undefined;
    const cell = generation * processes + n;
    const env = { CROWD: JSON.stringify({ ...input, name: `p${cell}`, cell, diesAfter: dies }) };
    const file = fileURLToPath(import.meta.url);
    const child = kind === "cluster" ? cluster.fork(env) : fork(file, [], { env: { ...process.env, ...env } });
    const end = kind === "cluster" ? child.process : child;
    exits.push(
      new Promise((resolve) => {
        end.once("exit", (code, signal) => {
          if (dies !== undefined) start(n, 1);
          resolve(signal ?? code);
        });
      }),
    );
  };
  for (let n = 0; n < processes; n++) start(n, 0);
  const codes = [];
  while (exits.length > 0) codes.push(await exits.shift());
  console.log(`result ${JSON.stringify(codes)}`);
  process.exit(0);
}

const acknowledging = Acknowledging.map(acknowledged);
const log = createLogger({ sinks, base: null, ...options });
let seq = 0;
while (seq < count) {
  for (let i = 0; i < 100; i++) {
    log.info({ producer: name, seq, size: 150, text: "z".repeat(150) }, "a record of one of many");
    acknowledging.raise(input.cell, ++seq);
    if (seq === diesAfter) process.kill(process.pid, "SIGKILL");
  }
  await new Promise((resolve) => setImmediate(resolve));
}
await log.shutdown();
process.exit(0);
