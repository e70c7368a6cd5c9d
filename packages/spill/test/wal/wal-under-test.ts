/** Logs to do things to, and programs that write them. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { readWal, type WalFileOperations, type WalMode, type WalReport } from "../../src/index.ts";

export interface ReadFrame {
  readonly seq: number;
  readonly tag: number;
  readonly payload: string;
}

export function readAll(
  log: string,
  mode: WalMode = "skip-corrupt",
  files: WalFileOperations = fs,
): { frames: ReadFrame[]; report: WalReport } {
  const reading = readWal(log, { mode, files });
  const frames = [...reading].map(({ seq, tag, payload }) => ({ seq, tag, payload: payload.toString("latin1") }));
  return { frames, report: reading.report };
}

export function seqsOf(log: string, mode?: WalMode): number[] {
  return readAll(log, mode).frames.map(({ seq }) => seq);
}

/** Different for every number, of any length from 0 on. */
export function payloadOf(seq: number, length = (seq * 37) % 90): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (seq * 31 + i * 7) & 0xff));
}

export function segmentsOf(log: string): string[] {
  return fs.readdirSync(path.dirname(log)).filter((name) => /\.\d{8,}$/.test(name));
}

/** The files of a log as they were, to be put back after each damage. */
export class Image {
  readonly folder: string;
  readonly files: ReadonlyMap<string, Buffer>;

  constructor(folder: string) {
    this.folder = folder;
    this.files = new Map(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name))]));
  }

  restore(): void {
    for (const name of fs.readdirSync(this.folder)) {
      if (!this.files.has(name) || fs.statSync(path.join(this.folder, name)).isDirectory())
        fs.rmSync(path.join(this.folder, name), { recursive: true });
    }
    for (const [name, bytes] of this.files) fs.writeFileSync(path.join(this.folder, name), bytes);
  }
}

/** Files in memory, to be read: a campaign of damage need not wait for a disk. */
export class MemoryFiles {
  readonly files: Map<string, Buffer>;
  readonly #open: { bytes: Buffer }[] = [];

  constructor(files: ReadonlyMap<string, Buffer>) {
    this.files = new Map(files);
  }

  get operations(): WalFileOperations {
    const found = (fd: number): Buffer => this.#open[fd]!.bytes;
    return {
      ...fs,
      readdirSync: (() => [...this.files.keys()]) as unknown as WalFileOperations["readdirSync"],
      openSync: (file) => {
        const bytes = this.files.get(path.basename(String(file)));
        if (bytes === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
        return this.#open.push({ bytes }) - 1;
      },
      fstatSync: ((fd: number) => ({
        size: found(fd).length,
        isFile: () => true,
      })) as unknown as WalFileOperations["fstatSync"],
      readSync: ((fd: number, into: Buffer, offset: number, length: number, position: number) =>
        found(fd).copy(into, offset, position, position + length)) as WalFileOperations["readSync"],
      closeSync: () => undefined,
    };
  }
}

/** Small and quick; quality does not matter here. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}

/** Programs cannot load TypeScript on the oldest Node, and are not transformed by the test runner. */
export async function bundleProgram(name: string, folder: string): Promise<string> {
  const outfile = path.join(folder, `${path.parse(name).name}.bundle.mjs`);
  await build({
    entryPoints: [path.join(import.meta.dirname, name)],
    bundle: true,
    outfile,
    platform: "node",
    format: "esm",
    conditions: ["@spillway/source"],
  });
  return outfile;
}

export function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
