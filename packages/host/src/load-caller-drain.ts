import { existsSync } from "node:fs";
import Module from "node:module";
import type { DrainStart } from "@spillway/core";
import type { CallerDrainLike, DrainCode, LineReaderLike, RecoveryExports } from "./drain-code.ts";

interface DrainExports extends RecoveryExports {
  readonly LineReader: new (memory: SharedArrayBuffer, lane: number) => LineReaderLike;
  readonly CallerDrain: new (start: DrainStart, trouble: (message: string) => void) => CallerDrainLike;
}

let loaded: DrainExports | undefined;

/** Loads the pipeline onto the calling thread, synchronously: only for `sync: true`, last words and critical records. */
export function loadCallerDrain(
  code: DrainCode,
  start: DrainStart,
  trouble: (message: string) => void,
): CallerDrainLike {
  return new (loadDrain(code).CallerDrain)(start, trouble);
}

/** What makes lines of the records in a lane of this thread. */
export function loadLineReader(code: DrainCode, memory: SharedArrayBuffer, lane: number): LineReaderLike {
  return new (loadDrain(code).LineReader)(memory, lane);
}

export function loadDrain(code: DrainCode): DrainExports {
  loaded ??= load(code);
  return loaded;
}

function load(code: DrainCode): DrainExports {
  if (existsSync(code.file)) return Module.createRequire(code.file)(code.file) as DrainExports;
  // Bundled into one file: the text of our own build, compiled as the module it is.
  const module = new Module(code.file) as Module & { _compile(source: string, filename: string): void };
  module.paths = [];
  module._compile(code.source(), code.file);
  return module.exports as DrainExports;
}
