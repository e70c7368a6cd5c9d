import type { JsonBytes } from "@spillway/format";

/** Lines of one lane on their way to the sinks: whole lines, in the order of their frames. */
export interface Batch {
  readonly laneIndex: number;
  /** Positions of the first frame and behind the last one. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** What the frames in between take. */
  readonly frameBytes: number;
  /** Numbers of the frames at those positions. */
  readonly startsWith: number;
  readonly endsWith: number;
  /** The lines stand at the head of it. */
  readonly text: JsonBytes;
  readonly bytes: number;
  readonly records: number;
  /** Of `records`: could not be read, a line that says so stands in their place. */
  readonly quarantined: number;
  /** Files that held records too large for the ring; to be removed when every sink has the batch. */
  readonly farFiles: readonly string[];
}
