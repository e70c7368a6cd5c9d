// Question: how long does it take to deliver what a killed program left?
//
// Held fixed: a program whose sink took nothing logs until its ring and its overflow hold so many bytes, and is killed;
// then one thread recovers it into the log. Three shapes of call: many short fields, one text, a long text. A run counts
// only when the log then holds each record once.
//
// What would mislead: bytes of lines instead of bytes of frames (a line is two to three times its frame); files that
// are in the page cache, which they are here: the program has just written them. After a reboot the disk comes on top.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { verify } from "../harness/verify.mjs";
import { overflowBytes } from "../harness/written.mjs";
import { shapes, whatIsWrong } from "../shapes/shapes.mjs";

const VICTIM = fileURLToPath(new URL("../harness/deep-victim.mjs", import.meta.url));
const GIB = 2 ** 30;
const LANE_BYTES = 8 * 1024 * 1024;
const SECONDS_PER_GIB = 10;

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "how-fast-is-a-recovery",
  title: "How long does it take to deliver what a killed program left?",
  contenders: ["ours"],
  cases: ["fields12", "printf", "long"],
  runs: { full: 3, quick: 2 },
  settings: { full: { bytes: GIB }, quick: { bytes: GIB / 8 } },
  timeoutMs: 300_000,
  measure,
  judge,
};

async function measure({ case: of, path, settings: { bytes } }) {
  const { recoverAll } = await import("spillway");
  const noted = `${path}.noted`;
  writeFileSync(noted, Buffer.alloc(4));
  // A folder in the place of the log: the sink cannot be opened.
  mkdirSync(path);
  const child = spawn(process.execPath, [VICTIM, JSON.stringify({ path, noted, shape: of, bytes })], {
    stdio: "ignore",
  });
  const signal = await new Promise((resolve) => child.once("close", (_code, by) => resolve(by)));
  if (signal !== "SIGKILL") return { metrics: {}, problems: [`the program was to be killed, and ended by ${signal}`] };
  rmdirSync(path);
  const frames = overflowBytes(path) + LANE_BYTES;
  const start = performance.now();
  const { recovered } = recoverAll(path);
  const seconds = (performance.now() - start) / 1000;

  const calls = readFileSync(noted).readInt32LE(0);
  const shape = shapes.get(of);
  const { problems } = verify({
    contender: {},
    path,
    // And the line that says that it was recovered.
    expected: calls + 1,
    whatIsWrong: (record) => ("recovered" in record ? undefined : whatIsWrong(shape, record)),
  });
  if (recovered !== calls) problems.push(`${calls} calls had returned, ${recovered} records were recovered`);
  return { metrics: { perGiB: (seconds * GIB) / frames, records: recovered / seconds }, problems };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  return {
    rows: runs.cases.flatMap((of) => [
      runs.row({
        label: `${of}, 1 GiB of frames`,
        unit: "s",
        case: of,
        metric: "perGiB",
        bound: { atMost: SECONDS_PER_GIB },
      }),
      runs.row({ label: `${of}, records each second`, unit: "1/s", case: of, metric: "records" }),
    ]),
  };
}
