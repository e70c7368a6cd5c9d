// Does what it is told, line by line, on its standard input; answers each line with one of its own on descriptor 3.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { createLogger } from "spillway";

const ANSWERS = 3;
const workers = new Set();
process.on("worker", (worker) => {
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
});
const { sinks, options = {}, from = 0 } = JSON.parse(process.argv[2]);
const log = createLogger({ ...(sinks === undefined ? {} : { sinks }), base: null, ...options });
let seq = from;

const COMMANDS = {
  log: ({ count, bytes = 0, level = "info" }) => {
    const filler = "x".repeat(bytes);
    const before = performance.now();
    for (let i = 0; i < count; i++) log[level]({ producer: "main", seq: seq++, filler: `${filler}${seq}` }, "a record");
    return { tookMs: performance.now() - before };
  },
  flush: () => log.flush(),
  durable: () => log.durable(),
  accounts: () => log.accounts(),
  kill: async () => {
    for (const worker of workers) await worker.terminate();
  },
  exit: ({ code }) => process.exit(code),
  end: () => process.stdin.destroy(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { does, ...input } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await COMMANDS[does](input)) ?? null };
  } catch (error) {
    answer = { error: error.code ?? error.message };
  }
  writeSync(ANSWERS, `${JSON.stringify(answer)}\n`);
  if (does === "end") break;
}
