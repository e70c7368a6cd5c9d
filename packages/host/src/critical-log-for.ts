import type { Durability } from "@spillway/core";
import { CriticalLog } from "./critical-log.ts";
import type { DrainCode } from "./drain-code.ts";
import type { EngineShare } from "./engine-share.ts";
import { loadLineReader } from "./load-caller-drain.ts";

/** The log of critical records of the thread that has this lane; undefined: no record is critical. */
export function criticalLogFor(
  { memory, sinks, options, crashSafety, critical: plan }: EngineShare,
  lane: number,
  durability: Durability,
  code: DrainCode,
  trouble: (message: string) => void,
): CriticalLog | undefined {
  if (plan === undefined) return undefined;
  return new CriticalLog({
    memory,
    lane,
    plan,
    sinks,
    rings: crashSafety !== undefined && durability !== "none" ? crashSafety : undefined,
    isSync: options.sync,
    makeReader: () => loadLineReader(code, memory, lane),
    trouble,
  });
}
