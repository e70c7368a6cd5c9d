/** What the reader in Python says of segments, and what ours says of the same. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { type RecoveryMode, readSegments } from "../../src/index.ts";

export interface Job {
  readonly paths: readonly string[];
  readonly mode: RecoveryMode;
  readonly from: "acked" | "start";
}

export const hasPython: boolean = spawnSync("python3", ["--version"]).status === 0;

/** One answer for each job: its items, in order, as JSON lines. */
export function secondReader(jobs: readonly Job[]): string[][] {
  const { stdout, stderr, status } = spawnSync("python3", [path.join(import.meta.dirname, "segment.py"), "--batch"], {
    input: jobs.map((job) => `${JSON.stringify(job)}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(stderr);
  const answers: string[][] = [];
  let items: string[] = [];
  for (const line of stdout.split("\n").slice(0, -1)) {
    const item = JSON.parse(line) as { kind: string };
    items.push(line);
    if (item.kind !== "end" && item.kind !== "thrown") continue;
    answers.push(items);
    items = [];
  }
  return answers;
}

export function ourReader({ paths, mode, from }: Job): string[] {
  const items: unknown[] = [];
  try {
    const reading = readSegments(paths, { mode, from });
    for (;;) {
      const step = reading.next();
      if (step.done) {
        items.push({ kind: "end", ...step.value });
        break;
      }
      const item = step.value;
      if (item.kind === "damage") {
        const { what, from: start, to } = item;
        items.push({ kind: "damage", what, path: item.path ?? null, from: start, to });
      } else {
        const { position, tag, seq, payload } = item;
        items.push({ kind: "frame", path: item.path, position, tag, seq: seq >>> 0, payload: payload.toString("hex") });
      }
    }
  } catch (error) {
    items.push({ kind: "thrown", what: (error as Error).message.split(" ")[0] });
  }
  return items.map((item) => JSON.stringify(item));
}

/** Both spell their JSON in their own way. */
export function comparable(lines: readonly string[]): unknown[] {
  return lines.map((line) => JSON.parse(line) as unknown);
}
