import format from "quick-format-unescaped";
import type { LoggerConfig } from "./logger-config.ts";

/** A message put together on the calling thread, as pino does it: for arguments that only user code can turn into text. */
export function formatHere(config: LoggerConfig, message: unknown, args: readonly unknown[]): unknown {
  return format(message, args, { stringify: (value) => config.rules.inMessage(value, config.stringify) });
}
