/** The program that makes one file of declarations, on files made for it. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bundleDeclarations } from "../../build/declarations.mjs";
import { thirdPartyNotice } from "../../build/third-party.mjs";
import { makeFolder, remove } from "./installation.ts";

const root = makeFolder();
afterAll(() => remove(root));

let count = 0;

function seed(files: Readonly<Record<string, string>>): string {
  const folder = path.join(root, `${++count}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function bundle(files: Readonly<Record<string, string>>, notConstructed: readonly string[] = []): string {
  const folder = seed(files);
  const workspace = (name: string) => path.join(folder, name, "index.d.ts");
  return bundleDeclarations({ entry: path.join(folder, "index.d.ts"), workspace, notConstructed });
}

describe("declarations", () => {
  test("hold what is exported and what that mentions, through files and packages, and nothing else", () => {
    const text = bundle({
      "index.d.ts": 'export { type A } from "./a.ts";\nexport type { C } from "@spillway/core";\n',
      "a.d.ts":
        'import type { B } from "./b.js";\n/** About A. */\nexport interface A {\n  readonly b: B;\n}\nexport type Unused = 1;\n',
      "b.d.ts": "export type B = number;\nexport type Other = string;\n",
      "core/index.d.ts": 'export * from "./c.ts";\n',
      "core/c.d.ts": "export declare class C {\n}\nexport declare const hidden: 1;\n",
    });
    expect(text.replace(/\n+/g, "\n").trim()).toBe(
      [
        "/** About A. */",
        "interface A {",
        "  readonly b: B;",
        "}",
        "type B = number;",
        "declare class C {",
        "}",
        "export { A, C };",
      ].join("\n"),
    );
  });

  test("keep what comes from Node as an import", () => {
    const text = bundle({
      "index.d.ts":
        'import type { Worker } from "node:worker_threads";\nexport declare function f(worker: Worker): void;\n',
    });
    expect(text).toContain('import type { Worker } from "node:worker_threads";');
  });

  test("hide the constructor of a class that outsiders do not make, with what it mentions", () => {
    const files = {
      "index.d.ts":
        'import type { State } from "./state.ts";\nexport declare class Made {\n    constructor(state: State);\n    go(): void;\n}\n',
      "state.d.ts": "export {};\n",
    };
    expect(() => bundle(files)).toThrow("State is not exported");
    const text = bundle(files, ["Made"]);
    expect(text).toContain("    private constructor();\n    go(): void;");
    expect(text).not.toContain("State");
  });

  test("refuse two different things of one name", () => {
    const files = {
      "index.d.ts": 'export { A } from "./a.ts";\nexport { B } from "./b.ts";\n',
      "a.d.ts": "interface Same {\n}\nexport interface A extends Same {\n}\n",
      "b.d.ts": "interface Same {\n}\nexport interface B extends Same {\n}\n",
    };
    expect(() => bundle(files)).toThrow(/Same is declared in .*a\.d\.ts and in .*b\.d\.ts/);
  });

  test("refuse an entry that exports everything of another file", () => {
    expect(() => bundle({ "index.d.ts": 'export * from "./a.ts";\n', "a.d.ts": "" })).toThrow("is to be written out");
  });
});

describe("third-party notice", () => {
  test("refuses a library without a licence to pass on", () => {
    const folder = seed({ "node_modules/bare/package.json": '{ "name": "bare", "version": "1.0.0" }' });
    expect(() => thirdPartyNotice(folder, ["node_modules/bare/index.js"])).toThrow("bare is bundled");
  });

  test("names each library once, the innermost of nested ones, in order", () => {
    const manifest = '{ "version": "1.2.3", "license": "MIT" }';
    const folder = seed({
      "node_modules/b/package.json": manifest,
      "node_modules/b/LICENSE": "text of b",
      "node_modules/b/node_modules/@s/a/package.json": manifest,
      "node_modules/b/node_modules/@s/a/license.md": "text of a",
    });
    const inputs = [
      "node_modules/b/x.js",
      "src/own.ts",
      "node_modules/b/y.js",
      "node_modules/b/node_modules/@s/a/i.js",
    ];
    const titles = thirdPartyNotice(folder, inputs).match(/^## .*/gm);
    expect(titles).toEqual(["## @s/a 1.2.3 (MIT)", "## b 1.2.3 (MIT)"]);
  });
});
