// One scenario of flush() and shutdown() each; says what it saw as one line of JSON.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createLogger } from "spillway";

const { scenario, sinks, path, opens, options = {} } = JSON.parse(process.argv[2]);
const log = createLogger({ sinks, base: null, parkAfterMs: 1000, ...options });
const lines = () => (existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0);
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let seq = 0;
const logSome = (count) => {
  for (let i = 0; i < count; i++) log.info({ producer: "main", seq: seq++ }, "a record");
};

const SCENARIOS = {
  async burst() {
    const seen = [];
    for (let i = 0; i < 20; i++) {
      logSome(1000);
      await log.flush();
      seen.push(lines());
    }
    return { seen };
  },
  async parked() {
    logSome(1);
    await log.flush();
    const tookMs = [];
    for (let i = 0; i < 2; i++) {
      // Longer than the loop goes on looking after the last record.
      await rest(1300);
      const before = performance.now();
      logSome(1);
      await log.flush();
      tookMs.push(performance.now() - before);
    }
    return { tookMs, lines: lines() };
  },
  async idle() {
    logSome(1);
    await rest(1300);
    const before = performance.now();
    logSome(1);
    while (lines() < 2 && performance.now() - before < 2000) await rest(1);
    return { tookMs: performance.now() - before };
  },
  async late() {
    logSome(10);
    const error = await log.flush().then(
      () => undefined,
      (reason) => reason,
    );
    writeFileSync(opens, "");
    await log.flush();
    return { code: error?.code, sinks: error?.sinks, retryable: error?.retryable, message: error?.message };
  },
  async shutdown() {
    logSome(100);
    await Promise.all([log.shutdown(), log.shutdown()]);
    await log.shutdown();
    logSome(3);
    await log.flush();
    return { accounts: log.accounts(), lines: lines() };
  },
  async duringShutdown() {
    logSome(100);
    const ending = log.shutdown();
    for (let i = 0; i < 50; i++) {
      logSome(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ending;
    const { accepted, dropped } = log.accounts();
    return { accepted, closed: dropped.closed ?? 0, lines: lines() };
  },
  async shutdownLate() {
    logSome(10);
    const code = await log.shutdown().then(
      () => undefined,
      (reason) => reason.code,
    );
    writeFileSync(opens, "");
    return { code };
  },
  async asyncDispose() {
    logSome(10);
    await log[Symbol.asyncDispose]();
    return { lines: lines(), accounts: log.accounts() };
  },
  async again() {
    logSome(10);
    await log.shutdown();
    const next = createLogger({ sinks, base: null, ...options });
    next.info({ producer: "main", seq: seq++ });
    await next.flush();
    return { lines: lines() };
  },
};

console.log(`result ${JSON.stringify(await SCENARIOS[scenario]())}`);
