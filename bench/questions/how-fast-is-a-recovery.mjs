// Question: how long does it take to deliver what a killed program left?
//
// Held fixed: a program whose sink took nothing logs until its ring and its overflow hold so many bytes, and is killed;
// then one thread recovers it into the log. Three shapes of call: many short fields, one text, a long text. A run counts
// only when the log then holds each record once.
//
// What would mislead: bytes of lines instead of bytes of frames (a line is two to three times its frame); files that
// are in the page cache, which they are here: the program has just written them. After a reboot the disk comes on top.

import { leaveFrames } from "../harness/leave-frames.mjs";
import { verify } from "../harness/verify.mjs";
import { shapes, whatIsWrong } from "../shapes/shapes.mjs";

const GIB = 2 ** 30;
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
  const { calls, bytes: frames } = await leaveFrames({ path, shape: of, bytes });
  const start = performance.now();
  const { recovered } = recoverAll(path);
  const seconds = (performance.now() - start) / 1000;

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
