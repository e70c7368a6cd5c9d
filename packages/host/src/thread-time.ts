import { readFileSync } from "node:fs";

/** Fields of /proc/.../stat behind the name in brackets: time in user mode and in the kernel, in ticks of 10 ms. */
const USER_TICKS = 11;
const KERNEL_TICKS = 12;
const TICK_MS = 10;

/** How much processor time a thread of this process has used; undefined where there is no /proc to ask. */
export function processorMs(kernelThreadId: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/self/task/${kernelThreadId}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[USER_TICKS]) + Number(fields[KERNEL_TICKS])) * TICK_MS;
  } catch {
    return undefined;
  }
}
