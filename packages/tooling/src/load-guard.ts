/**
 * Looks at what an app loads on the thread that serves its users, by starting one: everything that formats, writes,
 * encrypts or talks to a network belongs to workers, and must not be found here.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { filesInBundle } from "./bundle-contents.ts";
import type { Finding } from "./finding.ts";
import { LAYERS, TOO_HEAVY_FOR_THE_CALLING_THREAD } from "./layers.ts";

/** Libraries the calling thread may load, each with the reason. Anything else is a finding. */
const MAY_LOAD: Readonly<Record<string, string>> = {
  piscina: "the pool lives on this thread; it brings perf_hooks, os, assert and timers, and no network or crypto",
  "pino-std-serializers": "serializers of the user's objects must run where the objects are",
  "quick-format-unescaped": "printf arguments that cannot be sent as values are put together here",
  "safe-stable-stringify": "the last resort for values that have no direct encoding",
  "@pinojs/redact": "censors given as functions run where they were made",
  koffi: "lays the ring over its file, before the first call",
};

/** The packages whose code may be inside the entry: spillway and what its row in the layers allows, all the way down. */
const MAY_CONTAIN: ReadonlySet<string> = closure("spillway");

const PROBE = fileURLToPath(new URL("./load-probe.mjs", import.meta.url));

export interface Loaded {
  /** URLs of all scripts compiled on the calling thread. */
  scripts: string[];
  /** Public modules of Node loaded on top of those that are always there. */
  builtins: string[];
}

/** Starts a process that uses the logger at `entry`, and answers what its main thread loaded. */
export async function probeLoad(entry: string): Promise<Loaded> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "spillway-load-"));
  const report = path.join(folder, "report.json");
  const said = path.join(folder, "said.txt");
  const output = openSync(said, "w");
  try {
    // Once a worker is started Node opens `process.stdout`, and loads `net` for it when it is a pipe or a terminal.
    // That is what the app was started with, not the logger's doing: the probe gets a file.
    const child = spawn(process.execPath, [PROBE, pathToFileURL(entry).href, path.join(folder, "app.log"), report], {
      env: appEnvironment(),
      stdio: ["ignore", output, output],
      timeout: 20_000,
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`the probe of ${entry} ended with ${code}: ${readFileSync(said, "utf8")}`);
    return JSON.parse(readFileSync(report, "utf8")) as Loaded;
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Globals such as `crypto` reach their modules by the inner ones, which count like the public name. */
export function guardLoad(entry: string, loaded: Loaded): Finding[] {
  const builtins = loaded.builtins
    .map((name) => /^internal\/(crypto|http2|tls)\//.exec(name)?.[1] ?? name)
    .filter((name, index, all) => TOO_HEAVY_FOR_THE_CALLING_THREAD.includes(name) && all.indexOf(name) === index)
    .map((name) => ({
      file: entry,
      line: 1,
      says: `loads node:${name} on the calling thread. Load it in a worker, or by import() when it is needed.`,
    }));
  const scripts = loaded.scripts.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  return [...builtins, ...scripts.flatMap(guardScript)];
}

function guardScript(script: string): Finding[] {
  const library = libraryOf(script);
  if (library !== undefined) return objectToLibrary(library, script);
  const contents = filesInBundle(script);
  if (contents === undefined) {
    return [{ file: script, line: 1, says: "does not tell what it was made from. Bundle it with a source map." }];
  }
  return contents.flatMap(({ file, line }) => {
    const inlined = libraryOf(file);
    if (inlined !== undefined) return objectToLibrary(inlined, script, line);
    const own = /\/packages\/([^/]+)\/(src|dist)\//.exec(file)?.[1];
    if (own === undefined || MAY_CONTAIN.has(own)) return [];
    return [
      {
        file: script,
        line,
        says: `brings ${own} (${path.basename(file)}) to the calling thread. It belongs to a worker.`,
      },
    ];
  });
}

function objectToLibrary(library: string, file: string, line = 1): Finding[] {
  // koffi keeps the binary of each platform in a package of its own.
  if (MAY_LOAD[library] !== undefined || library.startsWith("@koromix/koffi-")) return [];
  return [
    {
      file,
      line,
      says: `loads ${library} on the calling thread. Load it in a worker, or give a reason in packages/tooling/src/load-guard.ts.`,
    },
  ];
}

/** The npm package a file belongs to: the innermost, so that a library's own libraries need their own reason. */
function libraryOf(file: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

function closure(name: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const below of LAYERS[name]?.mayImport ?? []) closure(below, seen);
  return seen;
}

/** An app's environment, not a test runner's: no loaders, no flags. */
function appEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _flags, VITEST: _vitest, ...environment } = process.env;
  return environment;
}
