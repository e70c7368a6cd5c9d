// node twice.mjs FILE: import and require in one program, 1000 lines through each.
import { createRequire } from "node:module";
import * as imported from "spillway";

const required = createRequire(import.meta.url)("spillway");
const options = { sinks: { file: { type: "file", path: process.argv[2] } } };
const loggers = [imported.createLogger(options), required.createLogger(options)];
for (let index = 0; index < 2000; index++) loggers[index % 2].info({ index }, "a line");
console.log(`one module: ${imported.createLogger === required.createLogger}`);
