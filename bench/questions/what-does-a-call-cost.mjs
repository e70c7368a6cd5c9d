// Question: how long does a log call keep the thread that makes it?
//
// Held fixed: level info, one file, the contender's defaults otherwise, for Spillway the default ring and `whenFull:
// "block"`. A process measures one shape of call; each call has objects and strings of its own. Two loads: *paced*,
// 50 calls in a turn of the event loop and a turn each millisecond, as a busy service logs; and *bursts* of 20,000
// calls in one turn, with a flush in between that is not timed. A run counts only when every record is found in the
// file afterwards and none was dropped.
//
// What is compared is *net*: the time of the loop with the calls minus the time of the same loop over a logger that
// only takes its arguments (shapes/hollow.mjs), measured in the same process, each the mean over all calls. Building
// the arguments is the application's work, the same for every contender, and up to two thirds of a cheap call:
// leaving it in would pull every ratio towards 1 and hide which logger is dearer. Both parts are in the results.
// `disabled` is the exception and compared gross: there the call is a nanosecond or two, the optimizer may leave out
// building an object that nobody looks at, and the difference of two such figures can be anything, also negative.
//
// What would mislead: counting calls that are accepted and then dropped; one call site in a process that knows no
// other (hence `megamorphic`); a loop so fast that the contender's worker never gets to write (hence paced); means
// without the slow calls (they are included, and shown in the table of single calls, each of which includes building
// its arguments and one reading of the clock). With bursts, work that a contender puts off until after the burst is
// not seen here, but in how-many-per-second-end-to-end.

import { contenders, loadContender } from "../contenders/contenders.mjs";
import { geometricMean, interval } from "../harness/intervals.mjs";
import { inBursts, paced, single, TimedCalls } from "../harness/timed-calls.mjs";
import { verify } from "../harness/verify.mjs";
import { compile } from "../shapes/compile.mjs";
import { hollow } from "../shapes/hollow.mjs";
import { shapes, whatIsWrong } from "../shapes/shapes.mjs";

const TRANSPORT = "pino-transport";
const NOOP = "pino-noop";
const LOADS = ["paced", "bursts"];

/** At most this part of what the call costs with pino and its worker transport. */
const TARGETS = {
  constant: 0.2,
  fields4: 0.2,
  fields12: 0.2,
  nested: 0.2,
  concatenated: 0.5,
  printf: 0.5,
  child: 0.2,
  unicode: 0.5,
  long: 0.5,
  error: 1.0,
  disabled: 1.2,
  megamorphic: 0.2,
};
/** Not ours to make cheap: the stack is V8's work, and nothing is done when a level is off. */
const NOT_IN_THE_MEAN = ["error", "disabled"];
const MEAN_AGAINST_TRANSPORT = 0.25;
const MEAN_AGAINST_NOOP = 0.5;
const WORST_AGAINST_NOOP = 1.0;

/** @type {import("../harness/question.mjs").Question} */
export const question = {
  name: "what-does-a-call-cost",
  title: "How long does a log call keep its thread?",
  contenders: ["ours", TRANSPORT, NOOP],
  cases: [...shapes.keys()],
  runs: { full: 5, quick: 3 },
  settings: {
    full: { warmUpBursts: 3, burst: 20_000, bursts: 8, turns: 1000, callsPerTurn: 50, msPerTurn: 1 },
    quick: { warmUpBursts: 3, burst: 20_000, bursts: 3, turns: 300, callsPerTurn: 50, msPerTurn: 1 },
  },
  timeoutMs: 120_000,
  measure,
  judge,
};

async function measure({ contender: name, case: of, path, settings: wanted }) {
  const shape = shapes.get(of);
  const settings = shape.silent ? moreAndFaster(wanted) : wanted;
  const { create } = await loadContender(name);
  const contender = create({ path, level: "info" });
  await contender.ready;

  const calls = new TimedCalls(compile(shape, contenders[name].dialect, name), shape, {
    log: shape.bindings ? contender.child(shape.bindings) : contender.log,
    flush: contender.flush,
  });
  const building = new TimedCalls(compile(shape, "pino", "nobody"), shape, {
    log: hollow,
    flush: () => Promise.resolve(),
  });

  const metrics = {};
  await inBursts(building, settings.warmUpBursts, settings.burst);
  await inBursts(calls, settings.warmUpBursts, settings.burst);
  for (const [load, run] of [
    ["bursts", (side) => inBursts(side, settings.bursts, settings.burst)],
    ["paced", (side) => paced(side, settings)],
  ]) {
    metrics[`${load}.building`] = await run(building);
    metrics[`${load}.gross`] = await run(calls);
    metrics[`${load}.net`] = metrics[`${load}.gross`] - metrics[`${load}.building`];
  }
  Object.assign(metrics, await single(calls, settings));

  await contender.flush();
  const accounts = contender.accounts?.();
  await contender.close();
  const { problems } = verify({
    contender,
    path,
    expected: shape.silent ? 0 : calls.made,
    accounts,
    whatIsWrong: (record) => whatIsWrong(shape, record),
  });
  return { metrics, problems };
}

/**
 * A call that logs nothing takes nanoseconds, so one interruption would be most of the mean, and leaves no backlog, so
 * there is nothing to pace.
 */
function moreAndFaster({ bursts, turns, ...rest }) {
  return { ...rest, bursts: bursts * 20, turns: turns * 20, msPerTurn: 0 };
}

/** @param {import("../harness/runs.mjs").Runs} runs */
function judge(runs) {
  const rows = [];
  for (const load of LOADS) {
    for (const of of runs.cases) {
      rows.push(
        runs.row({
          label: `${of} · ${load}`,
          unit: "ns",
          case: of,
          metric: compared(of, load),
          against: {
            [TRANSPORT]: { atMost: TARGETS[of] },
            [NOOP]: NOT_IN_THE_MEAN.includes(of) ? undefined : { atMost: WORST_AGAINST_NOOP },
          },
        }),
      );
    }
    if (inTheMean(runs).length > 0) rows.push(meanRow(runs, load));
  }
  return { rows, tables: [parts(runs), singleCalls(runs)], notes: NOTES };
}

const NOTES = [
  "Net nanoseconds per call: the loop with calls minus the loop that only builds their arguments; `disabled` is gross.",
  "Geometric means leave out `error` and `disabled`.",
];

function compared(of, load) {
  return `${load}.${of === "disabled" ? "gross" : "net"}`;
}

function inTheMean(runs) {
  return runs.cases.filter((of) => !NOT_IN_THE_MEAN.includes(of));
}

/** The geometric mean over the shapes, round by round. */
function meanRow(runs, load) {
  const cases = inTheMean(runs);
  const against = { [TRANSPORT]: MEAN_AGAINST_TRANSPORT, [NOOP]: MEAN_AGAINST_NOOP };
  const comparisons = Object.entries(against).map(([to, atMost]) =>
    runs.comparison(to, meansByRound(cases.map((of) => runs.ratios(runs.subject, to, of, compared(of, load)))), {
      atMost,
    }),
  );
  const values = {};
  for (const contender of runs.contenders) {
    const means = interval(meansByRound(cases.map((of) => runs.byRound(contender, of, compared(of, load)))));
    if (means) values[contender] = means;
  }
  return {
    label: `geometric mean · ${load}`,
    unit: "ns",
    values,
    comparisons: comparisons.filter((comparison) => comparison !== undefined),
  };
}

/** Only rounds in which every shape has a value: a mean over other shapes is another figure. */
function meansByRound(byCase) {
  if (byCase.length === 0) return [];
  return [...byCase[0].keys()]
    .filter((round) => byCase.every((rounds) => rounds.get(round) > 0))
    .map((round) => geometricMean(byCase.map((rounds) => rounds.get(round))));
}

function parts(runs) {
  const value = (contender, of, metric) => interval([...runs.byRound(contender, of, metric).values()])?.median ?? "";
  return {
    title: "What the loops took, ns per call",
    head: ["shape", "contender", ...LOADS.flatMap((load) => [`${load} gross`, `${load} building`])],
    rows: runs.cases.flatMap((of) =>
      runs.contenders.map((contender) => [
        of,
        contender,
        ...LOADS.flatMap((load) => [value(contender, of, `${load}.gross`), value(contender, of, `${load}.building`)]),
      ]),
    ),
  };
}

function singleCalls(runs) {
  const metrics = ["single.p50", "single.p99", "single.p99.9", "single.max"];
  return {
    title: "Single calls, paced, ns, with building the arguments and one reading of the clock",
    head: ["shape", "contender", "p50", "p99", "p99.9", "max"],
    rows: runs.cases.flatMap((of) =>
      runs.contenders.map((contender) => [
        of,
        contender,
        ...metrics.map((metric) => interval([...runs.byRound(contender, of, metric).values()])?.median ?? ""),
      ]),
    ),
  };
}
