// Logs many records in one turn of the event loop and then ends in the way it is told.
import { createLogger } from "spillway";

const { sinks, count, end, options = {} } = JSON.parse(process.argv[2]);
const log = createLogger({ sinks, base: null, ...options });
const signal = (name) => () => process.kill(process.pid, name);

const ENDS = {
  end: () => undefined,
  "process.exit": () => process.exit(3),
  throw: () => {
    throw new Error("thrown by the program");
  },
  rejection: () => {
    Promise.reject(new Error("rejected by the program"));
  },
  SIGTERM: signal("SIGTERM"),
  SIGINT: signal("SIGINT"),
  SIGHUP: signal("SIGHUP"),
  SIGKILL: signal("SIGKILL"),
  SIGSEGV: signal("SIGSEGV"),
  "process.abort": () => process.abort(),
  "heap out of memory": () => {
    const kept = [];
    while (true) kept.push(new Array(1000).fill(kept.length));
  },
  // Outside of the heap: until the system has had enough.
  "memory of the cgroup": () => {
    const kept = [];
    while (kept.length < 64) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
    process.exit(9);
  },
};

setImmediate(() => {
  for (let seq = 0; seq < count; seq++) log.info({ producer: "main", seq }, "a record of a burst");
  ENDS[end]();
  // A signal may be delivered a moment later.
  if (end.startsWith("SIG")) while (true);
});
