/** What every record of a test carries: who wrote it, and its number among that producer's. */
export interface SequenceRecord {
  readonly producer: string;
  readonly seq: number;
}

export type ProblemKind = "torn" | "strange" | "order" | "twice" | "missing" | "wrong";

export interface SequenceReport {
  /** Whole lines that carry a number. */
  readonly records: number;
  /** Distinct numbers found, per producer. */
  readonly found: Readonly<Record<string, number>>;
  /** How many problems of each kind. */
  readonly counts: Readonly<Partial<Record<ProblemKind, number>>>;
  /** Each problem in one sentence, the first few of its kind; empty when all is as it should be. */
  readonly problems: readonly string[];
  /** Lines that are JSON and carry no number: reports of the logger itself. */
  readonly others: readonly Readonly<Record<string, unknown>>[];
}

interface Expected {
  /**
   * How many records each producer logged, numbered from 0. Infinity: nobody knows how many, but without a gap.
   * Producers not named here must not occur.
   */
  readonly counts: Readonly<Record<string, number>>;
  /** So many more of a producer may be there, without a gap: of calls that had not returned when it was killed. */
  readonly mayHaveMore?: Readonly<Record<string, number>>;
  /** Whether a line without a number may be there; default: all of them. */
  readonly mayBe?: (other: Readonly<Record<string, unknown>>) => boolean;
  /** Whether what else a record carries is what was logged. */
  readonly isRight?: (record: Readonly<Record<string, unknown>>) => boolean;
  /** Numbers that need not be there, such as those that were dropped and counted. */
  readonly mayMiss?: (record: SequenceRecord) => boolean;
}

const EXAMPLES = 3;

/**
 * Holds the lines of a log against what was logged: each number of each producer once, in its producer's order, no
 * line torn. A line is `{"producer":"name","seq":n,...}` with whatever else; the last one must end too.
 */
export function checkSequence(text: Uint8Array | string, expected: Expected): SequenceReport {
  const { counts, mayHaveMore = {}, isRight, mayBe } = expected;
  const problems = new Problems();
  const seen = new Map(Object.keys(counts).map((producer) => [producer, new Seen()]));
  const others: Record<string, unknown>[] = [];
  const lines = (typeof text === "string" ? text : Buffer.from(text).toString("utf8")).split("\n");
  const rest = lines.pop();
  if (rest !== "") problems.add("torn", `the file ends in the middle of a line: ${excerpt(rest ?? "")}`);
  let records = 0;
  for (const [index, line] of lines.entries()) {
    const parsed = parse(line);
    if (parsed === undefined) {
      problems.add("torn", `line ${index + 1} is not whole: ${excerpt(line)}`);
      continue;
    }
    const { producer, seq } = parsed;
    if (typeof seq !== "number" || typeof producer !== "string") {
      others.push(parsed);
      if (mayBe?.(parsed) === false) problems.add("strange", `line ${index + 1}: ${excerpt(line)}`);
      continue;
    }
    records++;
    const known = seen.get(producer);
    if (known === undefined || seq < 0 || seq >= (counts[producer] ?? 0) + (mayHaveMore[producer] ?? 0)) {
      problems.add("strange", `line ${index + 1} has ${producer} ${seq}, which nobody logged`);
    } else if (known.add(seq)) {
      if (known.isBehind) problems.add("order", `line ${index + 1}: ${producer} ${seq} after ${known.highest}`);
    } else {
      problems.add("twice", `line ${index + 1} has ${producer} ${seq} again`);
    }
    if (isRight?.(parsed) === false)
      problems.add("wrong", `line ${index + 1} is not what was logged: ${excerpt(line)}`);
  }
  for (const [producer, known] of seen) {
    const count = counts[producer] ?? 0;
    const end = Number.isFinite(count) ? Math.max(count, known.highest + 1) : known.highest + 1;
    for (let seq = 0; seq < end; seq++) {
      if (known.has(seq) || expected.mayMiss?.({ producer, seq })) continue;
      problems.add("missing", `${producer} ${seq} is missing`);
    }
  }
  const found = Object.fromEntries([...seen].map(([producer, known]) => [producer, known.size]));
  return { records, found, counts: problems.counts(), problems: problems.all(), others };
}

class Seen {
  readonly #numbers = new Set<number>();
  highest = -1;
  /** Whether the number added last was lower than one before it. */
  isBehind = false;

  get size(): number {
    return this.#numbers.size;
  }

  has(seq: number): boolean {
    return this.#numbers.has(seq);
  }

  add(seq: number): boolean {
    if (this.#numbers.has(seq)) return false;
    this.#numbers.add(seq);
    this.isBehind = seq < this.highest;
    this.highest = Math.max(this.highest, seq);
    return true;
  }
}

class Problems {
  readonly #byKind = new Map<ProblemKind, { count: number; examples: string[] }>();

  add(kind: ProblemKind, example: string): void {
    const known = this.#byKind.get(kind) ?? { count: 0, examples: [] };
    known.count++;
    if (known.examples.length < EXAMPLES) known.examples.push(example);
    this.#byKind.set(kind, known);
  }

  counts(): Partial<Record<ProblemKind, number>> {
    return Object.fromEntries([...this.#byKind].map(([kind, { count }]) => [kind, count]));
  }

  all(): string[] {
    return [...this.#byKind].map(([kind, { count, examples }]) => `${kind}: ${count}, as ${examples.join("; ")}`);
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function excerpt(line: string): string {
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 60)} ... ${line.slice(-40)}` : line);
}
