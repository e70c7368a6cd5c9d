// The program that is killed in `how-fast-is-a-recovery`: its sink takes nothing, so that ring and overflow keep all it
// logs; when they hold enough it notes how many calls have returned, and is killed.

import { openSync, writeSync } from "node:fs";
import { createLogger } from "spillway";
import { compile } from "../shapes/compile.mjs";
import { shapes } from "../shapes/shapes.mjs";
import { LANE_BYTES } from "./leave-frames.mjs";
import { overflowBytes } from "./written.mjs";

const BATCH = 20_000;

const { path, noted, shape: of, bytes } = JSON.parse(process.argv[2]);
const shape = shapes.get(of);
const { batch } = compile(shape, "pino", "ours");
const log = createLogger({ whenFull: "spill", spillCap: 2 * bytes, sinks: { out: { type: "file", path } } });
const note = Buffer.alloc(4);
const file = openSync(noted, "r+");
let logged = 0;
while (overflowBytes(path) < bytes - LANE_BYTES) {
  batch(log, logged, BATCH, shape.prepare?.(logged, BATCH));
  logged += BATCH;
}
note.writeInt32LE(logged);
writeSync(file, note, 0, 4, 0);
process.kill(process.pid, "SIGKILL");
