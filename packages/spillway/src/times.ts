/** pino's functions for the `timestamp` option. Given as they are, they are carried out by the worker. */
export const stdTimeFunctions: {
  readonly epochTime: () => string;
  readonly unixTime: () => string;
  readonly isoTime: () => string;
  readonly nullTime: () => string;
} = {
  epochTime: () => `,"time":${Date.now()}`,
  unixTime: () => `,"time":${Math.round(Date.now() / 1000)}`,
  isoTime: () => `,"time":"${new Date().toISOString()}"`,
  nullTime: () => "",
};

export type TimeKind = "epoch" | "unix" | "iso" | "none";

/** What the worker makes of the time; `none` with a function: the function's text is made by the caller. */
export function timeKind(timestamp: boolean | (() => string) | undefined): TimeKind {
  if (timestamp === undefined || timestamp === true || timestamp === stdTimeFunctions.epochTime) return "epoch";
  if (timestamp === stdTimeFunctions.unixTime) return "unix";
  if (timestamp === stdTimeFunctions.isoTime) return "iso";
  return "none";
}

export function ownTimeText(timestamp: boolean | (() => string) | undefined): (() => string) | undefined {
  if (typeof timestamp !== "function") return undefined;
  return timeKind(timestamp) === "none" && timestamp !== stdTimeFunctions.nullTime ? timestamp : undefined;
}
