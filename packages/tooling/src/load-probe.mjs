/**
 * Started by load-guard.ts in a process of its own:  node load-probe.mjs ENTRY LOG_FILE REPORT_FILE
 *
 * Imports the logger as an app would, creates one with a file sink, logs a line, and writes to REPORT_FILE what this
 * thread has loaded for that. The inspector is asked, not a module cache: it names every script that V8 compiled
 * in this thread, ES modules and CommonJS alike, and knows nothing of workers, which are isolates of their own.
 */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { setTimeout as wait } from "node:timers/promises";

const [, , entry, logFile, reportFile] = process.argv;

const scripts = new Set();
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params }) => scripts.add(params.url));
session.post("Debugger.enable");
// Enabling names what is there already: Node's own, and this file.
scripts.clear();
const builtinsBefore = new Set(process.moduleLoadList);

const loaded = await import(entry);
// A CommonJS entry is there as a whole at `default`; its names only if Node could guess them.
const { createLogger } = "createLogger" in loaded ? loaded : loaded.default;
const log = createLogger({ sinks: { app: { type: "file", path: logFile } } });
log.info("probe");
// Long enough for what a start puts off to a later turn of the event loop.
await wait(300);

const builtins = process.moduleLoadList
  .filter((name) => name.startsWith("NativeModule ") && !builtinsBefore.has(name))
  .map((name) => name.slice("NativeModule ".length));
writeFileSync(reportFile, JSON.stringify({ scripts: [...scripts], builtins }));
session.disconnect();
await log.shutdown?.();
