import { DamagedFrameError, type DictionaryView, type LoggerConfigEntry } from "@spillway/core";
import { type PreparedText, prepareText } from "./prepared-text.ts";

/** What lines of one logger, level and bindings begin with, as texts, the time already in it. */
export interface LineHead {
  readonly config: LoggerConfigEntry;
  readonly messageOpen: PreparedText;
  readonly end: PreparedText;
  /** All that comes before the fields. */
  open: PreparedText;
  time: number;
}

interface Key {
  config: number;
  level: number;
  bindings: number;
}

/** Bounded: a program that makes a logger per request has as many bindings. */
const MAX_HEADS = 4096;

/**
 * The heads of lines, made once and corrected when the time moves on: records come many to a millisecond, and
 * neighbours mostly share logger and level.
 */
export class LineHeads {
  readonly #dictionary: DictionaryView;
  #heads = new Map<number, LineHead>();
  #last: LineHead | undefined;
  readonly #lastKey: Key = { config: 0, level: -1, bindings: -1 };

  constructor(dictionary: DictionaryView) {
    this.#dictionary = dictionary;
  }

  find(config: number, level: number, bindings: number, time: number): LineHead {
    const key = this.#lastKey;
    let head = this.#last;
    if (head === undefined || key.config !== config || key.level !== level || key.bindings !== bindings) {
      head = this.#lookUp(config, level, bindings);
      key.config = config;
      key.level = level;
      key.bindings = bindings;
      this.#last = head;
    }
    if (head.time !== time) this.#setTime(head, level, bindings, time);
    return head;
  }

  forget(): void {
    this.#heads.clear();
    this.#last = undefined;
  }

  #lookUp(config: number, level: number, bindings: number): LineHead {
    // Ids are below 2^18: a dictionary region holds less than a mebibyte and an entry takes at least 8 bytes.
    const key = (config * 2 ** 18 + bindings) * 256 + level;
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    if (this.#heads.size >= MAX_HEADS) this.#heads.clear();
    const entry = this.#dictionary.config(config);
    const head: LineHead = {
      config: entry,
      messageOpen: prepareText(`,${JSON.stringify(entry.messageKey)}:`),
      end: prepareText(entry.end),
      open: prepareText(""),
      time: Number.NaN,
    };
    this.#heads.set(key, head);
    return head;
  }

  #setTime(head: LineHead, level: number, bindings: number, time: number): void {
    const { config } = head;
    const open = config.levels[level]?.open;
    if (open === undefined) throw new DamagedFrameError(`level ${level} of ${config.levels.length}`, level);
    const bound = bindings === 0 ? "" : this.#dictionary.text(bindings);
    head.open = prepareText(open + timeText(config, time) + bound);
    head.time = time;
  }
}

function timeText(config: LoggerConfigEntry, time: number): string {
  switch (config.time) {
    case "epoch":
      return `${config.timeOpen}${time}`;
    case "unix":
      return `${config.timeOpen}${Math.round(time / 1000)}`;
    case "iso":
      return `${config.timeOpen}"${new Date(time).toISOString()}"`;
    case "none":
      return "";
  }
}
