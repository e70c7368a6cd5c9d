import { hostname } from "node:os";
import type { NamedSinkSpec } from "@spillway/core";
import { openSink } from "@spillway/sinks";
import type { Trouble } from "./complaints.ts";

export interface Recovered {
  readonly pid: number;
  readonly recovered: number;
  readonly unreadable: number;
}

/** One line behind what was recovered, so that a reader of the log knows why these records came late. */
export function sayRecovered(named: NamedSinkSpec, { pid, recovered, unreadable }: Recovered, trouble: Trouble): void {
  const line = {
    level: 30,
    time: Date.now(),
    pid: process.pid,
    hostname: hostname(),
    recovered,
    ...(unreadable > 0 ? { unreadable } : undefined),
    from: pid,
    msg: `spillway: recovered ${recovered} records that process ${pid} left`,
  };
  try {
    const sink = openSink(named);
    sink.write(Buffer.from(`${JSON.stringify(line)}\n`), 1);
    sink.close();
  } catch (error) {
    trouble(`sink ${named.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
