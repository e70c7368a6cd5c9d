/** Plays a script on pino and on another logger and finds the first thing that is not the same. */

import { type DifferenceId, isAccepted, isAcceptedAnswer } from "./deliberate-differences.ts";
import { type Performance, play, type Script } from "./script.ts";
import { pinoSide, type Side } from "./sides.ts";

export interface Difference {
  readonly step: number;
  readonly what:
    | "the setup was refused"
    | "another line"
    | "no line"
    | "a line too many"
    | "another answer"
    | "the call threw"
    | "not JSON";
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
}

export interface Comparison {
  readonly script: Script;
  readonly differences: readonly Difference[];
  readonly lines: number;
  /** How often each deliberate difference was met. */
  readonly deliberate: ReadonlyMap<DifferenceId, number>;
}

type Source = Parameters<typeof play>[0];

/** A setup that pino refuses is no case: it answers undefined. */
export async function compare(source: Source, side: Side, mostDifferences = 1): Promise<Comparison | undefined> {
  const rehearsal = rehearse(source);
  if (rehearsal === undefined) return undefined;
  const { script, leaveOut } = rehearsal;

  const theirs = play(script, pinoSide(), leaveOut);
  const expected = (await theirs.run.finish()).map(toText);
  let ours: Performance;
  try {
    ours = play(script, side, leaveOut);
  } catch (error) {
    const refused: Difference = {
      step: script.steps.length - 1,
      what: "the setup was refused",
      actual: describeThrown(error),
    };
    return { script, differences: [refused], lines: 0, deliberate: new Map() };
  }
  const differences: Difference[] = [];
  for (const [step, error] of ours.threw)
    differences.push({ step, what: "the call threw", actual: describeThrown(error) });
  const regular = ours.stepOfLine.length;
  for (const { step, call } of ours.held) {
    try {
      call();
    } catch (error) {
      if (side.makes.has("never-throws"))
        differences.push({ step, what: "the call threw", actual: describeThrown(error) });
    }
  }
  const written = (await ours.run.finish()).map(toText);

  const deliberate = new Map(ours.used);
  deliberate.set("never-throws", ours.held.length);
  compareAnswers(theirs, ours, differences);
  const isShort = written.length < regular;
  const alone = isShort ? [] : written.slice(Math.max(regular, expected.length));
  const compared = alone.length === 0 ? written : written.slice(0, written.length - alone.length);
  compareLines(expected, compared, theirs.stepOfLine, side, differences, deliberate);
  for (const line of alone) {
    if (!isJson(line))
      differences.push({ step: ours.held[0]?.step ?? script.steps.length - 1, what: "not JSON", actual: line });
    else if (ours.held.length === 0)
      differences.push({ step: script.steps.length - 1, what: "a line too many", actual: line });
  }
  differences.sort((a, b) => a.step - b.step);
  return { script, differences: differences.slice(0, mostDifferences), lines: expected.length, deliberate };
}

/** Finds the steps at which pino throws. Leaving one out may make another one throw (a counter counts on), so it is done again. */
function rehearse(source: Source): { script: Script; leaveOut: Set<number> } | undefined {
  const leaveOut = new Set<number>();
  let script: Script | undefined;
  for (let round = 0; round < 5; round++) {
    let performance: Performance;
    try {
      performance = play(script ?? source, pinoSide(), leaveOut);
    } catch {
      return undefined;
    }
    script ??= performance.script;
    if (performance.threw.size === 0) break;
    for (const step of performance.threw.keys()) leaveOut.add(step);
  }
  return script === undefined ? undefined : { script, leaveOut };
}

function compareAnswers(theirs: Performance, ours: Performance, differences: Difference[]): void {
  for (const [step, expected] of theirs.answers) {
    const actual = ours.answers.get(step);
    if (actual !== expected && !isAcceptedAnswer(expected))
      differences.push({ step, what: "another answer", expected, actual });
  }
}

function compareLines(
  expected: string[],
  actual: string[],
  stepOf: number[],
  side: Side,
  differences: Difference[],
  deliberate: Map<DifferenceId, number>,
): void {
  let j = 0;
  for (let i = 0; i < expected.length || j < actual.length; ) {
    const wanted = expected[i];
    const got = actual[j];
    const step = stepOf[Math.min(i, stepOf.length - 1)] ?? 0;
    if (wanted === got) {
      i++;
      j++;
    } else if (wanted === undefined || (got !== undefined && actual[j + 1] === wanted && expected[i + 1] !== got)) {
      differences.push({ step, what: "a line too many", actual: got });
      j++;
    } else if (got === undefined || (expected[i + 1] === got && actual[j + 1] !== wanted)) {
      differences.push({ step, what: "no line", expected: wanted });
      i++;
    } else {
      const id = isAccepted(wanted, got);
      if (id !== undefined && side.makes.has(id)) deliberate.set(id, (deliberate.get(id) ?? 0) + 1);
      else differences.push({ step, what: "another line", expected: wanted, actual: got });
      i++;
      j++;
    }
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** The time a logger reads for itself is the only thing that two lines of one call may differ in. */
const OWN_TIME = /"time":(?:\d{10,13}(?!\d)|"\d{4}-\d\d-\d\dT[\d:.]+Z")/;
/** A clock that the script fixed; it must come out as it is. */
const FIXED_TIME = '"time":1700000000000';

/** One character for each byte, so that texts can be compared and bytes that are no UTF-8 are seen. */
function toText(line: Buffer): string {
  const text = line.toString("latin1");
  return text.includes(FIXED_TIME) ? text : text.replace(OWN_TIME, '"time":"NOW"');
}

function describeThrown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
