// Question: how many records per second get from the call into the file?
//
// Held fixed: a message with four fields, level info, one file. The clock runs from the first call until the file has
// its last byte, seen by looking at its size each millisecond while the contender flushes and closes; afterwards every
// line is counted. *turns*: 1000 calls in a turn of the event loop, next turn as soon as possible; *one turn*: all
// calls in a single turn.
//
// What would mislead: stopping the clock at the last call (that measures a queue) or when flush answers (pino's also
// waits for fsync, which is another promise); only *one turn* (pino's worker transport hands over in later turns, so
// its memory and time are then at their worst); a cold start in the figure (a burst before the clock warms the code up).

import { contenders, loadContender } from "../contenders/contenders.mjs";
import { watchGrowth } from "../harness/growth.mjs";
import { nextTurn } from "../harness/turns.mjs";
import { verify } from "../harness/verify.mjs";
import { compile } from "../shapes/compile.mjs";
import { shapes, whatIsWrong } from "../shapes/shapes.mjs";

const TRANSPORT = "pino-transport";
const TIMES_AS_FAST = 3;

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "how-many-per-second-end-to-end",
  title: "How many records per second get into the file?",
  contenders: ["ours", TRANSPORT],
  cases: ["turns", "one turn"],
  runs: { full: 5, quick: 3 },
  settings: {
    full: { records: 1_000_000, callsPerTurn: 1000, warmUp: 50_000 },
    quick: { records: 300_000, callsPerTurn: 1000, warmUp: 50_000 },
  },
  timeoutMs: 300_000,
  measure,
  judge,
};

async function measure({ contender: name, case: of, path, settings }) {
  const { records, warmUp } = settings;
  const callsPerTurn = of === "turns" ? settings.callsPerTurn : records;
  const shape = shapes.get("fields4");
  const { create } = await loadContender(name);
  const contender = create({ path, level: "info" });
  await contender.ready;
  const { batch } = compile(shape, contenders[name].dialect, name);
  for (let i = 0; i < warmUp; i += 1000) {
    batch(contender.log, i, 1000);
    await nextTurn();
  }
  await contender.flush();

  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < records; i += callsPerTurn) {
    batch(contender.log, warmUp + i, Math.min(callsPerTurn, records - i));
    await nextTurn();
  }
  const handedOver = performance.now();
  const growth = watchGrowth(path);
  await contender.flush();
  const cpu = process.cpuUsage(cpuBefore);
  const accounts = contender.accounts?.();
  await contender.close();
  const end = contender.written ? handedOver : growth.end();
  const { problems } = verify({
    contender,
    path,
    expected: warmUp + records,
    accounts,
    whatIsWrong: (record) => whatIsWrong(shape, record),
  });
  const seconds = (end - start) / 1000;
  return {
    metrics: {
      perSecond: records / seconds,
      seconds,
      secondsUntilLastCall: (handedOver - start) / 1000,
      cpuUsPerRecord: (cpu.user + cpu.system) / records,
    },
    problems,
  };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const rows = runs.cases.flatMap((of) => [
    runs.row({
      label: `records per second · ${of}`,
      unit: "1/s",
      case: of,
      metric: "perSecond",
      against: { [TRANSPORT]: { atLeast: TIMES_AS_FAST } },
    }),
    runs.row({ label: `until the last call · ${of}`, unit: "s", case: of, metric: "secondsUntilLastCall" }),
    runs.row({
      label: `processor time, all threads · ${of}`,
      unit: "us/record",
      case: of,
      metric: "cpuUsPerRecord",
      against: { [TRANSPORT]: undefined },
    }),
  ]);
  return { rows, notes: ["The clock stops at the last byte of the file; every line is counted."] };
}
