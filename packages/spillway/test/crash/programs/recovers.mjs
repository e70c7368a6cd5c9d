// Delivers what dead processes left, by hand or by starting a logger and ending it; says what it did as a line of JSON.
// `spillway`: which one, where it is not the installed one.
const { spillway = "spillway", by, path, sinks, options = {} } = JSON.parse(process.argv[2]);
const { createLogger, recoverAll } = await import(spillway);

if (by === "recoverAll") console.log(`result ${JSON.stringify(byHand())}`);
else {
  // Sinks are slow here, and machines busy: that is no failure.
  const log = createLogger({ sinks, base: null, flushTimeoutMs: 50_000, ...options });
  log.info("the one that came after");
  await log.flush();
  await log.shutdown();
  console.log("result null");
}

/** A process that died before it had made anything has left no log to name. */
function byHand() {
  try {
    return recoverAll(path);
  } catch (error) {
    if (error.code === "ENOENT" && error.path === path) return null;
    throw error;
  }
}
