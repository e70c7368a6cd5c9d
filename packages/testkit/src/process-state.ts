import { readdirSync, readFileSync } from "node:fs";

/** What the descriptors of a process lead to, from /proc. */
export function openDescriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`);
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`no VmRSS of process ${pid}: it has ended`);
  return Number(kilobytes) * 1024;
}

/** One name per thread of a process. */
export function threadNames(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => readFileSync(`/proc/${pid}/task/${tid}/comm`, "utf8").trim());
}
