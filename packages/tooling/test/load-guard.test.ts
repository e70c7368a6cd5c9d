import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../run/workspace.mjs";
import { describeFindings, type Finding } from "../src/finding.ts";
import { guardLoad, probeLoad } from "../src/load-guard.ts";
import { placesOf, seedTree } from "./seed.ts";

const ENTRIES = ["index.js", "index.cjs"].map((name) => path.join(ROOT, "packages/spillway/dist", name));

describe("logger", () => {
  for (const entry of ENTRIES) {
    test(`loads neither drain, sinks, seal nor network on the calling thread (${path.basename(entry)})`, async (ctx) => {
      if (!existsSync(entry)) ctx.skip("packages/spillway/dist is not built; npm run build makes it");
      if (process.env["SPILLWAY_BUILT"] === "0")
        ctx.skip("the build failed; what is in dist is older than the sources");
      const loaded = await probeLoad(entry);
      expect(loaded.scripts.length, "the probe saw the logger being loaded").toBeGreaterThan(0);
      expect(describeFindings(guardLoad(entry, loaded))).toBe("");
    });
  }
});

describe("load guard, seeded", () => {
  /** An entry that creates a logger which does nothing, after `extra`. */
  async function guardEntry(
    extra: string,
    files: Record<string, string> = {},
  ): Promise<{ root: string; findings: Finding[] }> {
    const root = seedTree({
      "packages/spillway/package.json": '{ "type": "module" }',
      "packages/spillway/src/index.ts": "",
      "packages/spillway/dist/index.js": [
        "// src/index.ts",
        extra,
        "export const createLogger = () => ({ info() {}, shutdown() {} });",
      ].join("\n"),
      ...files,
    });
    const entry = path.join(root, "packages/spillway/dist/index.js");
    const findings = guardLoad(entry, await probeLoad(entry));
    return { root, findings: findings.map((finding) => ({ ...finding, file: path.relative(root, finding.file) })) };
  }

  test("finds nothing in an entry that loads nothing", async () => {
    expect((await guardEntry("")).findings).toEqual([]);
  });

  test("reports heavy modules of Node, imported or required", async () => {
    const { findings } = await guardEntry(
      'import "node:http"; import { createRequire } from "node:module"; createRequire(import.meta.url)("node:zlib");',
    );
    const said = findings.map(({ says }) => says.split(" ")[1]);
    expect(said).toEqual(expect.arrayContaining(["node:http", "node:net", "node:zlib"]));
    expect(findings[0]).toMatchObject({ file: "packages/spillway/dist/index.js", line: 1 });
  });

  test("reports the same behind a global", async () => {
    const { findings } = await guardEntry("globalThis.crypto.getRandomValues(new Uint8Array(1));");
    expect(findings.map(({ says }) => says.split(" ")[1])).toEqual(["node:crypto"]);
  });

  test("reports code of the drain inside the bundle, with the line where it begins", async () => {
    const { findings } = await guardEntry("// ../drain/src/pipeline.ts\nvar pipeline = 1;", {
      "packages/drain/src/pipeline.ts": "export const pipeline = 1;\n",
    });
    expect(placesOf(findings)).toEqual(["packages/spillway/dist/index.js:2"]);
    expect(findings[0]?.says).toContain("drain");
  });

  test("reports code of a sink that only the source map tells of", async () => {
    const map = { version: 3, sources: ["../src/index.ts", "../../sinks/src/file.ts"], names: [], mappings: "" };
    const { findings } = await guardEntry("//# sourceMappingURL=index.js.map", {
      "packages/spillway/dist/index.js.map": JSON.stringify(map),
    });
    expect(findings.map(({ says }) => says)).toEqual([expect.stringContaining("sinks (file.ts)")]);
  });

  test("reports a library nobody gave a reason for, as a file of its own", async () => {
    const { findings } = await guardEntry('import "undici"; import "safe-stable-stringify";', {
      "node_modules/undici/index.js": "module.exports = 1;\n",
      "node_modules/safe-stable-stringify/index.js": "module.exports = 1;\n",
    });
    expect(placesOf(findings)).toEqual(["node_modules/undici/index.js:1"]);
  });

  test("reports a file that does not tell what it was made from", async () => {
    const { findings } = await guardEntry('import "./chunk.js";', {
      "packages/spillway/dist/chunk.js": "let a = 1;\n",
    });
    expect(placesOf(findings)).toEqual(["packages/spillway/dist/chunk.js:1"]);
  });
});
