import { join } from "node:path";
import { Program, TempFolder } from "@spillway/testkit";
import { build } from "esbuild";
import type { Mutated } from "./mutations.ts";

/** Mutations `from` to `to`, read in a process of its own, as fast as Node runs a bundle. */
export async function runMutations(from: number, to: number, killAfterMs: number): Promise<Mutated> {
  using folder = new TempFolder();
  const program = folder.file("mutating-program.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "mutating-program.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["@spillway/source"],
    // It reads no modules by URL: no sink of anybody's own is opened.
    logOverride: { "empty-import-meta": "silent" },
  });
  await using running = new Program(program, { args: [String(from), String(to)], killAfterMs });
  const { code, stdout, stderr } = await running.ended();
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Mutated;
}
