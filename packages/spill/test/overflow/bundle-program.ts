/** Programs and threads cannot load TypeScript on the oldest Node, and are not transformed by the test runner. */
import path from "node:path";
import { build } from "esbuild";

export async function bundleProgram(file: string): Promise<string> {
  const result = await build({
    entryPoints: [path.join(import.meta.dirname, file)],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    conditions: ["@spillway/source"],
  });
  return result.outputFiles[0]!.text;
}
