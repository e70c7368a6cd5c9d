/** The levels everybody has, with pino's numbers. Higher is more important. */
export const DEFAULT_LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;

export type DefaultLevel = keyof typeof DEFAULT_LEVELS;
/** `silent` and `off` are the same: nothing passes. */
export type LevelName = DefaultLevel | "silent" | "off";

/** Above every level a record can have: the threshold of `silent` and `off`. */
export const SILENT = 0x7fff_ffff;

/** Other names people know the same levels by. */
export const LEVEL_ALIASES: Readonly<Record<string, DefaultLevel>> = {
  warning: "warn",
  critical: "fatal",
  exception: "error",
};

/** Counters are kept by class of level, so that custom levels need no counters of their own. */
export const LEVEL_CLASSES = ["trace", "debug", "info", "warn", "error", "fatal", "other"] as const;
export type LevelClass = (typeof LEVEL_CLASSES)[number];

/** The class a level number counts in: the highest default level not above it; below `trace` it is `other`. */
export function levelClass(value: number): number {
  if (value >= 60) return 5;
  if (value >= 50) return 4;
  if (value >= 40) return 3;
  if (value >= 30) return 2;
  if (value >= 20) return 1;
  if (value >= 10) return 0;
  return 6;
}
