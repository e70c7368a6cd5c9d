// The loggers that the job can be run with, behind one shape:
//
//   log                    a logger with trace, debug, info, warn, error and child
//   ringBytes()            how much is logged and not yet taken up
//   flush()                everything logged so far is in the file
//   close()
//   accounts()             the logger's own account, or undefined
//
// Each is imported only when it is chosen.

export async function openLogger(name, path) {
  if (name === "spillway") return spillway(path);
  return pino(path, name === "pino-transport");
}

async function spillway(path) {
  const { createLogger } = await import("spillway");
  const log = createLogger({ level: "trace", name: "demo", whenFull: "block", sinks: { out: { type: "file", path } } });
  return {
    log,
    ringBytes: () => log.metrics().ringDepthBytes ?? 0,
    flush: () => log.flush(),
    close: () => log.shutdown(),
    accounts: () => log.accounts(),
  };
}

/** pino's default, which writes on the calling thread, or its worker thread transport. */
async function pino(path, inWorker) {
  const { default: createPino } = await import("pino");
  const stream = inWorker
    ? createPino.transport({ target: "pino/file", options: { destination: path } })
    : createPino.destination({ dest: path, sync: true });
  const log = createPino({ level: "trace", name: "demo" }, stream);
  return {
    log,
    ringBytes: () => 0,
    flush: () => new Promise((resolve, reject) => log.flush((error) => (error ? reject(error) : resolve()))),
    close: () =>
      new Promise((resolve) => {
        stream.once("close", resolve);
        stream.end();
      }),
    accounts: () => undefined,
  };
}
