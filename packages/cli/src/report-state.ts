import type { RecoveredProcess } from "spillway";
import type { RecoverFlags } from "./recover-flags.ts";

/**
 * `delivered`: all of it, and the ring files are gone. `copied`: into an output, and they lie there still. `waiting`:
 * only looked at. `left`: something is left for another attempt. `damaged`: some of its files are no ring files any more.
 */
export type State = "delivered" | "copied" | "waiting" | "left" | "damaged";

export function stateOf({ complete, damaged }: RecoveredProcess, { output, cleanup, list }: RecoverFlags): State {
  if (damaged.length > 0) return "damaged";
  if (list) return "waiting";
  if (!complete) return "left";
  return output === undefined || cleanup ? "delivered" : "copied";
}
