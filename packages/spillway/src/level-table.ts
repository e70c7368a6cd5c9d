import { ConfigError, DEFAULT_LEVELS, LEVEL_ALIASES, levelClass, SILENT } from "@spillway/core";

export interface Level {
  readonly label: string;
  readonly value: number;
  /** Which of the table it is; travels in the frame. */
  readonly index: number;
  /** In which class it is counted. */
  readonly counted: number;
}

const MAX_LEVELS = 256;

/** The levels a logger knows, by name and number. */
export class LevelTable {
  readonly all: readonly Level[];
  readonly #byLabel = new Map<string, Level>();
  readonly #byValue = new Map<number, Level>();

  constructor(custom: Readonly<Record<string, number>> | undefined, onlyCustom: boolean) {
    const values = { ...(onlyCustom ? {} : DEFAULT_LEVELS), ...custom };
    this.all = Object.entries(values).map(([label, value], index) => ({
      label,
      value,
      index,
      counted: levelClass(value),
    }));
    for (const level of this.all) {
      this.#byLabel.set(level.label, level);
      if (!this.#byValue.has(level.value)) this.#byValue.set(level.value, level);
    }
    if (this.all.length > MAX_LEVELS)
      throw new ConfigError([`customLevels: ${this.all.length} levels; at most ${MAX_LEVELS}`]);
  }

  find(label: string): Level | undefined {
    return (
      this.#byLabel.get(label) ??
      this.#byLabel.get(label.toLowerCase()) ??
      this.#byLabel.get(LEVEL_ALIASES[label] ?? "")
    );
  }

  /** The threshold a name or number stands for; undefined: there is no such level. */
  threshold(name: string | number): number | undefined {
    if (typeof name === "number") return this.#byValue.get(name)?.value;
    if (name === "silent" || name === "off") return SILENT;
    return this.find(name)?.value;
  }

  /** The name of a threshold; of the next level above it, where somebody set a number of their own. */
  labelOf(threshold: number): string {
    if (threshold === SILENT) return "silent";
    const exact = this.#byValue.get(threshold);
    if (exact !== undefined) return exact.label;
    const above = this.all.filter((level) => level.value >= threshold).sort((a, b) => a.value - b.value)[0];
    return above?.label ?? "silent";
  }

  get names(): string {
    return [...this.#byLabel.keys(), "silent"].join(", ");
  }
}
