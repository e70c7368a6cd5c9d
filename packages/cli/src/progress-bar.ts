import type { RecoverProgress } from "spillway";
import { canRedraw, type Output } from "./terminal.ts";

/** What is over in a moment needs no bar. */
const SILENT_MS = 500;
const REDRAW_MS = 100;
const BAR_CELLS = 24;
const CLEAR_LINE = "\r\u001b[K";

/**
 * How far a recovery is, on one line that is drawn over. Recovery computes without a turn of the event loop, so there is
 * no timer in here: it draws when it is told something.
 */
export class ProgressBar {
  readonly #stream: Output;
  readonly #now: () => number;
  readonly #startedAt: number;
  #drawnAt: number;
  #isDrawn = false;

  /** Undefined where nobody would see it. */
  static on(stream: Output): ProgressBar | undefined {
    return canRedraw(stream) ? new ProgressBar(stream) : undefined;
  }

  constructor(stream: Output, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#startedAt = now();
    this.#drawnAt = this.#startedAt + SILENT_MS - REDRAW_MS;
  }

  show(progress: RecoverProgress): void {
    const now = this.#now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#isDrawn = true;
    const line = barLine(progress, now - this.#startedAt);
    this.#stream.write(`${CLEAR_LINE}${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.#isDrawn) this.#stream.write(CLEAR_LINE);
    this.#isDrawn = false;
  }
}

function barLine({ share, records, processes, ofProcesses }: RecoverProgress, tookMs: number): string {
  const cells = Math.round(share * BAR_CELLS);
  const bar = `${"#".repeat(cells)}${"-".repeat(BAR_CELLS - cells)}`;
  const left = share > 0 ? `  ${Math.ceil((tookMs / share - tookMs) / 1000)} s left` : "";
  const perSecond = Math.round((records / tookMs) * 1000).toLocaleString("en");
  const of = `process ${Math.min(processes + 1, ofProcesses)} of ${ofProcesses}`;
  return `[${bar}] ${Math.floor(share * 100)}%  ${records.toLocaleString("en")} records  ${perSecond}/s  ${of}${left}`;
}
