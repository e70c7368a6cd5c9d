/** What a built file was made from, as the build itself noted it down. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export interface Part {
  /** Full path of the source. */
  file: string;
  /** Where its code begins in the built file; 1 when the build does not say. */
  line: number;
}

/**
 * The sources inside `script`: from its source map, or else from the comments that the bundler puts in front of each
 * module. `undefined` when it has neither; that is not the same as "made from nothing else".
 */
export function filesInBundle(script: string): Part[] | undefined {
  const text = readFileSync(script, "utf8");
  const comments = moduleComments(text);
  const files = fromSourceMap(script, text) ?? fromComments(script, [...comments.keys()]);
  return files?.map((file) => {
    const comment = [...comments].find(([named]) => file.endsWith(named.replace(/^(\.\.?\/)+/, "/")));
    return { file, line: comment?.[1] ?? 1 };
  });
}

/** `// ../ring/src/producer.ts` and the line it stands on. */
function moduleComments(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [index, content] of text.split("\n").entries()) {
    const named = /^\s*\/\/ (\S+\/\S+\.[cm]?[jt]s)$/.exec(content)?.[1];
    if (named !== undefined) found.set(named, index + 1);
  }
  return found;
}

/** The comments are relative to where the bundler was started: the built file's package, or the workspace. */
function fromComments(script: string, named: readonly string[]): string[] | undefined {
  const bases = [path.resolve(path.dirname(script), ".."), path.resolve(path.dirname(script), "../../..")];
  const files = named.flatMap(
    (name) => bases.map((base) => path.resolve(base, name)).find((file) => existsSync(file)) ?? [],
  );
  return files.length > 0 ? files : undefined;
}

function fromSourceMap(script: string, text: string): string[] | undefined {
  const address = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(text)?.[1];
  if (address === undefined) return undefined;
  const inline = /^data:[^,]*;base64,(.*)$/.exec(address)?.[1];
  const place = path.resolve(path.dirname(script), address);
  if (inline === undefined && !existsSync(place)) return undefined;

  const map = JSON.parse(inline === undefined ? readFileSync(place, "utf8") : Buffer.from(inline, "base64").toString());
  const base = path.dirname(inline === undefined ? place : script);
  const { sources } = map as { sources: string[] };
  return sources.map((source) => (source.startsWith("file:") ? fileURLToPath(source) : path.resolve(base, source)));
}
