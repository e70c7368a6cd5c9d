// The same for require(): node log.cjs FILE [sync | exit].
// Not by require(): what a bundler makes of that in an ES module throws.
const { readFileSync } = process.getBuiltinModule("node:fs");
const { createLogger } = require("spillway");

const [file, mode] = process.argv.slice(2);
const log = createLogger({ sinks: { file: { type: "file", path: file } }, sync: mode === "sync" });
for (let index = 0; index < 2000; index++) log.info({ index }, "line %d of %s", index, "many");
if (mode === "exit") process.exit(0);
if (mode === "sync") console.log(`in the file: ${readFileSync(file, "utf8").split("\n").length - 1}`);
