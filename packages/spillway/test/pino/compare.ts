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
  const counted = ours.run.lineCount();
  const written = (await ours.run.finish()).map(toText);

  const deliberate = new Map(ours.used);
  deliberate.set("never-throws", ours.held.length);
  compareAnswers(theirs, ours, differences);
  // What the held calls write comes last, and is judged without pino's.
  const end = written.length - (counted - regular);
  const lines = written.slice(0, Math.max(0, end));
  // A line belongs to the step that counted it, unless more or fewer were written than were counted.
  const actual = written.length === counted ? { lines, stepOf: ours.stepOfLine } : { lines };
  compareLines({ lines: expected, stepOf: theirs.stepOfLine }, actual, side, differences, deliberate);
  for (const line of written.slice(Math.max(0, end))) {
    if (!isJson(line))
      differences.push({ step: ours.held[0]?.step ?? script.steps.length - 1, what: "not JSON", actual: line });
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
  expected: Required<Written>,
  actual: Written,
  side: Side,
  differences: Difference[],
  deliberate: Map<DifferenceId, number>,
): void {
  for (const { step, wanted, got } of pairLines(expected, actual)) {
    if (wanted === got) continue;
    if (wanted === undefined) differences.push({ step, what: "a line too many", actual: got });
    else if (got === undefined) differences.push({ step, what: "no line", expected: wanted });
    else {
      const id = isAccepted(wanted, got);
      if (id !== undefined && side.makes.has(id)) deliberate.set(id, (deliberate.get(id) ?? 0) + 1);
      else differences.push({ step, what: "another line", expected: wanted, actual: got });
    }
  }
}

/** Lines in the order in which they were written, and the step that wrote each, where that is known. */
export interface Written {
  readonly lines: readonly string[];
  readonly stepOf?: readonly number[];
}

/** Two lines that are to be equal, or one that has no other. */
export interface Pair {
  readonly step: number;
  readonly wanted: string | undefined;
  readonly got: string | undefined;
}

/**
 * Which line is held against which. By steps, where they are known: no line can then be taken for its neighbour's,
 * however alike they are. Otherwise lines are lost or doubled, and only the texts can tell which.
 */
export function pairLines(expected: Required<Written>, { lines, stepOf }: Written): Pair[] {
  return stepOf === undefined ? pairTexts(expected, lines) : pairSteps(expected, { lines, stepOf });
}

function pairSteps(expected: Required<Written>, actual: Required<Written>): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0, j = 0; i < expected.lines.length || j < actual.lines.length; ) {
    const theirs = expected.stepOf[i] ?? Number.POSITIVE_INFINITY;
    const ours = actual.stepOf[j] ?? Number.POSITIVE_INFINITY;
    pairs.push({
      step: Math.min(theirs, ours),
      wanted: theirs <= ours ? expected.lines[i++] : undefined,
      got: ours <= theirs ? actual.lines[j++] : undefined,
    });
  }
  return pairs;
}

function pairTexts(expected: Required<Written>, actual: readonly string[]): Pair[] {
  const { lines, stepOf } = expected;
  const pairs: Pair[] = [];
  for (let i = 0, j = 0; i < lines.length || j < actual.length; ) {
    const step = stepOf[Math.min(i, stepOf.length - 1)] ?? 0;
    const wanted = lines[i];
    const got = actual[j];
    const isExtra = wanted === undefined || (actual[j + 1] === wanted && lines[i + 1] !== got);
    const isLost = got === undefined || (lines[i + 1] === got && actual[j + 1] !== wanted);
    const isPair =
      wanted !== undefined && got !== undefined && (wanted === got || isAccepted(wanted, got) !== undefined);
    if (isPair || isExtra === isLost) {
      pairs.push({ step, wanted, got });
      i++;
      j++;
    } else if (isExtra) {
      pairs.push({ step, wanted: undefined, got });
      j++;
    } else {
      pairs.push({ step, wanted, got: undefined });
      i++;
    }
  }
  // Whatever the texts say: not as many are there as were counted.
  if (pairs.every(({ wanted, got }) => wanted !== undefined && got !== undefined))
    pairs.push({ step: stepOf.at(-1) ?? 0, wanted: "as many lines as were counted", got: undefined });
  return pairs;
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
