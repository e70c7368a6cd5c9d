import { describe, expect, test } from "vitest";
import { ROOT } from "../run/workspace.mjs";
import { describeFindings } from "../src/finding.ts";
import { guardLayers } from "../src/layer-guard.ts";
import { BESIDE, LAYERS } from "../src/layers.ts";
import { placesOf, seedTree } from "./seed.ts";

/** A tree with one source in each package named, and what the guard says of it. */
function guard(files: Record<string, string>): ReturnType<typeof guardLayers> {
  return guardLayers(seedTree(files));
}

test("layers: every import of every package in this repository follows the table", () => {
  expect(describeFindings(guardLayers(ROOT))).toBe("");
});

describe("the table", () => {
  test("lets arrows point down only, never to a neighbour", () => {
    for (const [name, { layer, mayImport }] of Object.entries(LAYERS)) {
      for (const target of mayImport) {
        expect(LAYERS[target]?.layer, `${name} -> ${target}`).toBeLessThan(layer);
      }
    }
  });

  test("keeps the testkit and the tooling out of every package", () => {
    for (const { mayImport } of [...Object.values(LAYERS), ...Object.values(BESIDE)]) {
      expect(mayImport).not.toContain("testkit");
      expect(mayImport).not.toContain("tooling");
    }
  });
});

describe("layer guard, seeded", () => {
  test("reports an arrow that points up, with file and line", () => {
    const findings = guard({
      "packages/ring/src/producer.ts": 'const a = 1;\n\nimport { b } from "@spillway/host";\n',
    });
    expect(placesOf(findings)).toEqual(["packages/ring/src/producer.ts:3"]);
    expect(findings[0]?.says).toContain("stands above");
  });

  test("reports siblings that know each other, in types and deep imports too", () => {
    const findings = guard({
      "packages/ring/src/a.ts": 'import type { Shape } from "@spillway/wire";\n',
      "packages/wire/src/a.ts": 'import { x } from "@spillway/ring/layout";\n',
      "packages/format/src/a.ts": 'export type Y = import("@spillway/wire").Y;\n',
    });
    expect(placesOf(findings)).toEqual([
      "packages/format/src/a.ts:1",
      "packages/ring/src/a.ts:1",
      "packages/wire/src/a.ts:1",
    ]);
    expect(findings[0]?.says).toContain("neighbour");
  });

  test("reports a host that knows the drain, however it imports it", () => {
    const findings = guard({
      "packages/host/src/a.ts": [
        'import type { A } from "@spillway/drain";',
        'export * from "@spillway/drain";',
        'export { b } from "@spillway/drain";',
        'const c = () => import("@spillway/drain");',
        'const d = require("@spillway/drain");',
        "const e = () => import(`@spillway/drain`);",
        'import f = require("@spillway/drain");',
        'import "@spillway/drain";',
      ].join("\n"),
    });
    expect(findings.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("lets the host name the drain's file, and is not fooled by text and comments", () => {
    const findings = guard({
      "packages/host/src/a.ts": [
        'const worker = new URL("../../drain/dist/worker.js", import.meta.url);',
        '// import "@spillway/drain";',
        "const text = 'import \"@spillway/drain\"';",
      ].join("\n"),
    });
    expect(findings).toEqual([]);
  });

  test("reports a door that reaches past the host to drain, sinks or seal", () => {
    const findings = guard({
      "packages/spillway/src/a.ts": 'import "@spillway/sinks";\nimport "@spillway/seal";\nimport "@spillway/drain";\n',
    });
    expect(findings.map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  test("reports anything that core imports, a module of Node as well", () => {
    const findings = guard({
      "packages/core/src/record.ts": 'import { level } from "./levels.ts";\nimport type { Stats } from "node:fs";\n',
      "packages/core/src/levels.ts": "export const level = 1;\n",
    });
    expect(placesOf(findings)).toEqual(["packages/core/src/record.ts:2"]);
  });

  test("reports a layout that imports anything outside core, its own neighbour too", () => {
    const findings = guard({
      "packages/ring/src/layout.ts": 'import { a } from "@spillway/core";\nimport { b } from "./producer.ts";\n',
      "packages/wire/src/shape-layout.ts": 'import "node:os";\n',
    });
    expect(placesOf(findings)).toEqual(["packages/ring/src/layout.ts:2", "packages/wire/src/shape-layout.ts:1"]);
  });

  test("reports heavy modules of Node on the calling thread, unless they are loaded when needed", () => {
    const findings = guard({
      "packages/host/src/a.ts": 'import net from "node:net";\nconst later = () => import("node:http");\n',
      "packages/spillway/src/a.ts": 'import type { Hash } from "node:crypto";\nimport { gzip } from "zlib";\n',
      "packages/sinks/src/a.ts": 'import net from "node:net";\n',
    });
    expect(placesOf(findings)).toEqual(["packages/host/src/a.ts:1", "packages/spillway/src/a.ts:2"]);
  });

  test("reports a way around a package's name", () => {
    const findings = guard({
      "packages/sinks/src/a.ts": 'import { x } from "../../core/src/index.ts";\n',
      "packages/wire/src/a.ts": 'import { x } from "@spillway/wire";\n',
    });
    expect(placesOf(findings)).toEqual(["packages/sinks/src/a.ts:1", "packages/wire/src/a.ts:1"]);
  });

  test("reports tests' things in sources, and a package without a row", () => {
    const findings = guard({
      "packages/sinks/src/a.ts": 'import { clock } from "@spillway/testkit";\n',
      "packages/extras/src/a.ts": "export const a = 1;\n",
    });
    expect(placesOf(findings)).toEqual(["packages/extras/package.json:1", "packages/sinks/src/a.ts:1"]);
  });

  test("refuses to call a file clean that it cannot read", () => {
    expect(() => guard({ "packages/core/src/a.ts": "import { from ;" })).toThrow("does not parse");
  });
});
