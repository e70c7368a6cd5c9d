import { describe, expect, test } from "vitest";
import { ROOT } from "../run/workspace.mjs";
import { guardCycles } from "../src/cycle-guard.ts";
import { describeFindings } from "../src/finding.ts";
import { placesOf, seedTree } from "./seed.ts";

test("cycles: no file and no package of this repository imports itself in a circle", () => {
  expect(describeFindings(guardCycles(ROOT))).toBe("");
});

describe("cycle guard, seeded", () => {
  test("reports files of one package in a circle, by the import that closes it", () => {
    const root = seedTree({
      "packages/ring/src/a.ts": 'import "./b.ts";\n',
      "packages/ring/src/b.ts": '\nimport "./c.ts";\n',
      "packages/ring/src/c.ts": '\n\nexport { a } from "./a.ts";\n',
    });
    const findings = guardCycles(root);
    expect(placesOf(findings)).toEqual(["packages/ring/src/c.ts:3"]);
    expect(findings[0]?.says).toContain(
      "a.ts -> packages/ring/src/b.ts -> packages/ring/src/c.ts -> packages/ring/src/a.ts",
    );
  });

  test("reports a circle that only types make", () => {
    const root = seedTree({
      "packages/core/src/a.ts": 'import type { B } from "./b.ts";\nexport interface A { b: B }\n',
      "packages/core/src/b.ts": 'import type { A } from "./a.ts";\nexport interface B { a: A }\n',
    });
    expect(placesOf(guardCycles(root))).toEqual(["packages/core/src/b.ts:1"]);
  });

  test("reports packages in a circle although no file is in one", () => {
    const root = seedTree({
      "packages/ring/src/index.ts": "export const a = 1;\n",
      "packages/ring/src/other.ts": 'import type { B } from "@spillway/wire";\n',
      "packages/wire/src/index.ts": "export const b = 1;\n",
      "packages/wire/src/other.ts": 'import { a } from "@spillway/ring";\n',
    });
    const findings = guardCycles(root);
    expect(placesOf(findings)).toEqual(["packages/wire/src/other.ts:1"]);
    expect(findings[0]?.says).toContain("ring -> wire -> ring");
  });

  test("lets two ways lead to one file", () => {
    const root = seedTree({
      "packages/core/src/index.ts": 'export * from "./a.ts";\nexport * from "./b.ts";\n',
      "packages/core/src/a.ts": 'import "./c.ts";\n',
      "packages/core/src/b.ts": 'import "./c.ts";\n',
      "packages/core/src/c.ts": "export const c = 1;\n",
    });
    expect(guardCycles(root)).toEqual([]);
  });
});
