import { readdirSync } from "node:fs";
import { join } from "node:path";
/**
 * Names of segments: `<stream>.<number>.spill`, the number in at least six digits so that a folder lists them in order.
 * A stream is all that one lane of one process ever overflowed.
 */
export interface OverflowStreamName {
  /** Base name of what the engine belongs to. */
  readonly base: string;
  readonly pid: number;
  readonly epoch: number;
  readonly lane: number;
}

export interface SegmentName {
  readonly stream: string;
  readonly number: number;
}

const DIGITS = 6;
const PATTERN = /^(.+)\.(\d{6,10})\.spill$/;

export function overflowStreamName({ base, pid, epoch, lane }: OverflowStreamName): string {
  return `${base}.${pid}.${epoch >>> 0}.${lane}`;
}

export function segmentName(stream: string, number: number): string {
  return `${stream}.${String(number).padStart(DIGITS, "0")}.spill`;
}

/** Undefined: not a segment's name. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const [, stream, digits] = PATTERN.exec(name) ?? [];
  return stream === undefined || digits === undefined ? undefined : { stream, number: Number(digits) };
}

/** The segments among the names in a folder, by stream, each in order. */
export function streamsAmong(names: readonly string[]): Map<string, string[]> {
  const streams = new Map<string, { name: string; number: number }[]>();
  for (const name of names) {
    const parsed = parseSegmentName(name);
    if (parsed === undefined) continue;
    const known = streams.get(parsed.stream) ?? [];
    known.push({ name, number: parsed.number });
    streams.set(parsed.stream, known);
  }
  return new Map(
    [...streams].map(([stream, found]) => [stream, found.sort((a, b) => a.number - b.number).map(({ name }) => name)]),
  );
}

/** The segments of a stream that are in the folder; none where there is no folder. */
export function overflowPaths(folder: string, stream: string): string[] {
  try {
    return (streamsAmong(readdirSync(folder)).get(stream) ?? []).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
