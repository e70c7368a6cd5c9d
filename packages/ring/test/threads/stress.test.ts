/** Two real threads over a small ring: every byte of every frame arrives, and a ring that is wrong is seen to be. */
import path from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { memoryOf } from "../lane-under-test.ts";

const isLong = process.env["SPILLWAY_LONG"] === "1";
const FRAMES = isLong ? 5_000_000 : 300_000;
const CAPACITY = 4096;

interface Answer {
  readonly waits?: number;
  readonly frames?: number;
  readonly bad?: number;
  readonly wraps?: number;
}

let producerCode = "";
let consumerCode = "";

/** Threads cannot load TypeScript on the oldest Node, and are not transformed by the test runner. */
async function bundle(file: string): Promise<string> {
  const result = await build({
    entryPoints: [path.join(import.meta.dirname, file)],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    conditions: ["@spillway/source"],
  });
  return result.outputFiles[0]!.text;
}

beforeAll(async () => {
  producerCode = await bundle("producer-thread.mjs");
  consumerCode = await bundle("consumer-thread.mjs");
});

function run(code: string, workerData: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData, execArgv: [] });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function race(frames: number, publishFirst: boolean): Promise<Answer> {
  // A third of the way in, the positions begin again at 0.
  const start = 2 ** 32 - 4096 * Math.floor((frames * 100) / 4096);
  const memory = memoryOf({ capacity: CAPACITY, start });
  const data = { memory, capacity: CAPACITY, frames, publishFirst };
  const [produced, consumed] = await Promise.all([run(producerCode, data), run(consumerCode, data)]);
  return { ...produced, ...consumed };
}

test("ring: two threads, every byte of every frame, across the end of the positions", {
  timeout: 600_000,
}, async () => {
  const { frames, bad, wraps, waits } = await race(FRAMES, false);
  expect({ frames, bad, wraps }).toEqual({ frames: FRAMES, bad: 0, wraps: 1 });
  // The ring was full often: the producer had to wait for space that the consumer gave back.
  expect(waits).toBeGreaterThan(100);
});

test("ring, seeded: publishing before writing the payload is caught", { timeout: 120_000 }, async () => {
  let bad = 0;
  for (let attempt = 0; bad === 0 && attempt < 10; attempt++) bad += (await race(100_000, true)).bad!;
  expect(bad).toBeGreaterThan(0);
});
