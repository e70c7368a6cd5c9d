import { SinkOpenError } from "@spillway/core";

/** Tells the logger's own trouble, never through the logger. */
export type Trouble = (message: string) => void;

/** The same trouble of a sink is told this often at most, however often it comes and goes. */
const TELL_EVERY_MS = 10_000;
/** A reader that is a little slow is no trouble; one that has not read for so long is. */
const SLOW_READER_MS = 1000;

interface Known {
  failingSince: number | undefined;
  toldAt: number;
}

/** What is told of sinks that fail, and how often. */
export class Complaints {
  readonly #trouble: Trouble;
  readonly #known = new Map<string, Known>();

  constructor(trouble: Trouble) {
    this.#trouble = trouble;
  }

  failed(sink: string, error: unknown): void {
    const known = this.#known.get(sink) ?? { failingSince: undefined, toldAt: Number.NEGATIVE_INFINITY };
    this.#known.set(sink, known);
    const now = Date.now();
    known.failingSince ??= now;
    if (
      (error as NodeJS.ErrnoException | null | undefined)?.code === "EAGAIN" &&
      now - known.failingSince < SLOW_READER_MS
    )
      return;
    if (now - known.toldAt < TELL_EVERY_MS) return;
    known.toldAt = now;
    this.#trouble(`${describe(sink, error)}; trying again`);
  }

  succeeded(sink: string): void {
    const known = this.#known.get(sink);
    if (known !== undefined) known.failingSince = undefined;
  }
}

function describe(sink: string, error: unknown): string {
  if (error instanceof SinkOpenError) return error.message;
  return `sink ${sink}: ${error instanceof Error ? error.message : String(error)}`;
}
