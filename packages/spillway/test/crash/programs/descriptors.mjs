// Threads log and end; then the program opens files of its own, which get the numbers of what the threads had open, and
// goes on logging. Says what its files hold at the end.
import { openSync, readFileSync, writeSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { createLogger } from "spillway";

const { sinks, options, folder } = isMainThread ? JSON.parse(process.argv[2]) : workerData;
const log = createLogger({ sinks, base: null, ...options });
log.info("hello");

if (isMainThread) {
  const exited = (worker) => new Promise((resolve) => worker.once("exit", resolve));
  const start = () => exited(new Worker(new URL(import.meta.url), { workerData: { sinks, options, folder } }));
  await Promise.all([start(), start()]);
  const opened = Array.from({ length: 20 }, (_, n) => ({ fd: openSync(`${folder}/own-${n}`, "a"), n }));
  // Takes over the lane of a thread that is gone.
  await start();
  log.info("goodbye");
  await log.flush();
  await log.shutdown();
  const failed = opened.filter(({ fd, n }) => {
    try {
      writeSync(fd, "own");
      return readFileSync(`${folder}/own-${n}`, "latin1") !== "own";
    } catch {
      return true;
    }
  });
  console.log(`result ${JSON.stringify(failed)}`);
}
