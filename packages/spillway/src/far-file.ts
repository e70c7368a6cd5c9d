import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { NamedSinkSpec } from "@spillway/core";

/** Beside the first log file; without one, in a folder of this process's own for temporary files. */
function folderFor(sinks: readonly NamedSinkSpec[]): string {
  for (const { spec } of sinks) if (spec.type === "file") return join(dirname(spec.path), ".spillway");
  return join(tmpdir(), `spillway-${process.pid}`);
}

let written = 0;

/**
 * Keeps the payload of a record that is larger than half a lane, for the worker to fetch and remove. Answers its path;
 * throws what the file system says.
 */
export function writeFarFile(payload: Uint8Array, sinks: readonly NamedSinkSpec[], laneIndex: number): string {
  const folder = folderFor(sinks);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${process.pid}.${Date.now().toString(36)}.${laneIndex}.${++written}.far`);
  writeFileSync(path, payload, { flag: "wx", mode: 0o600 });
  return path;
}
