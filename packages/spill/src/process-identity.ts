import { readFileSync, readlinkSync } from "node:fs";

/** What tells a process from another that has its number later, or in another container, or after a reboot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. Empty where there is no /proc. */
  readonly startTime: string;
  readonly bootId: string;
  /** The namespace in which `pid` counts. */
  readonly pidNamespace: string;
}

export type Life = "alive" | "dead" | "unknown";

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    startTime: startTimeOf("self") ?? "",
    bootId: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? "",
    pidNamespace: attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "",
  };
  return own;
}

/** Whether a process that once was lives now. `unknown`: it may live where this process cannot look. */
export function lifeOf(identity: ProcessIdentity): Life {
  const here = ownIdentity();
  if (here.bootId === "" || identity.bootId === "") return isRunning(identity.pid) ? "unknown" : "dead";
  // A reboot ends everything.
  if (identity.bootId !== here.bootId) return "dead";
  if (identity.pidNamespace !== here.pidNamespace) return "unknown";
  return startTimeOf(String(identity.pid)) === identity.startTime ? "alive" : "dead";
}

function startTimeOf(pid: string): string | undefined {
  // The second field is the program's name in parentheses, and may hold anything.
  return attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
