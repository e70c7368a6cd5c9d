import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { errorReference, readErrorPage, readErrorSource } from "../run/error-reference.mjs";
import { ROOT } from "../run/workspace.mjs";
import { guardFeatures, guardPromises, guardTestLinks } from "../src/claims-guard.ts";
import { comparable, examplesOf, runExample } from "../src/doc-examples.ts";
import { parseDocument, readDocuments } from "../src/documents.ts";
import { describeFindings } from "../src/finding.ts";
import { guardLinks } from "../src/link-guard.ts";
import { guardOptions } from "../src/options-guard.ts";
import { readSource } from "../src/tree.ts";
import { placesOf, seedTree } from "./seed.ts";

const BUILT = path.join(ROOT, "packages/spillway");
/** How many features each of the five lists has. */
const FEATURES = { S1: 113, S2: 103, S3: 34, S4: 22, S5: 17 };

describe("documents", () => {
  test("documents: every link leads to something in this repository", () => {
    expect(describeFindings(guardLinks(ROOT))).toBe("");
  });

  test("documents: every test they name is in the file they name, and is not expected to fail", () => {
    expect(describeFindings(guardTestLinks(ROOT))).toBe("");
  });

  test("docs/guarantees.md: every promise names the test that shows it, or says that it is none", () => {
    expect(describeFindings(guardPromises(ROOT, "docs/guarantees.md"))).toBe("");
  });

  test("docs/features.md: no feature is left out, and each that is done names its test", () => {
    expect(describeFindings(guardFeatures(ROOT, "docs/features.md", FEATURES))).toBe("");
  });

  test("docs/reference/errors.md: is what its program makes of errors.ts", () => {
    expect(readErrorPage(), "run node packages/tooling/run/error-reference.mjs").toBe(
      errorReference(readErrorSource()),
    );
  });

  test("README.md: names every option, with the default it has", async () => {
    const options = pathToFileURL(path.join(ROOT, "packages/core/src/options.ts")).href;
    const { DEFAULTS } = (await import(/* @vite-ignore */ options)) as { DEFAULTS: Record<string, unknown> };
    expect(describeFindings(guardOptions(ROOT, DEFAULTS))).toBe("");
  });
});

describe("examples", () => {
  for (const example of readDocuments(ROOT).flatMap(examplesOf)) {
    test(`examples: ${example.name} runs`, async (ctx) => {
      if (!existsSync(path.join(BUILT, "dist")))
        ctx.skip("packages/spillway/dist is not built; npm run build makes it");
      if (process.env["SPILLWAY_BUILT"] === "0")
        ctx.skip("the build failed; what is in dist is older than the sources");
      const { code, stdout, stderr } = await runExample(example, BUILT);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      if (example.prints !== undefined) expect(comparable(stdout)).toBe(comparable(example.prints));
    });
  }
});

describe("documents, seeded", () => {
  test("reports links to nothing, to a heading that is not there, and out of the repository", () => {
    const root = seedTree({
      "README.md": "[a](docs/a.md) [b](docs/b.md)\n[c](docs/a.md#one-two) [d](docs/a.md#three) [e](../e.md)\n",
      "docs/a.md": "# One, *two*\n\n```js\nconst c = [1](2);\n```\n[up](../README.md) [web](https://example.com/x)\n",
    });
    expect(placesOf(guardLinks(root))).toEqual(["README.md:1", "README.md:2", "README.md:2"]);
  });

  test("reports tests that are not there, and tests that are expected to fail", () => {
    const root = seedTree({
      "packages/ring/test/a.test.ts":
        'test("a: holds", () => {});\ntest.fails("a: will hold", () => {});\ntest.each([1])("a: holds for %s", () => {});\n' +
        "test.skipIf(true)(`a: kind of $" +
        "{name}`, () => {});\n",
      "docs/a.md":
        "[a: holds](../packages/ring/test/a.test.ts)\n[a: will hold](../packages/ring/test/a.test.ts)\n" +
        "[a: holds for all](../packages/ring/test/a.test.ts) [`a.test.ts`](../packages/ring/test/a.test.ts)\n" +
        "[a: kind of x](../packages/ring/test/a.test.ts)\n[a: held](../packages/ring/test/a.test.ts)\n",
    });
    expect(placesOf(guardTestLinks(root))).toEqual(["docs/a.md:2", "docs/a.md:5"]);
  });

  test("reports a promise without a test, and lets one that is none stand", () => {
    const root = seedTree({
      "a.md":
        "| what | shown by |\n|---|---|\n| x | [t](a.test.ts) |\n| y | |\n| z | not promised |\n\n| what | why |\n|---|---|\n| x | |\n",
    });
    expect(placesOf(guardPromises(root, "a.md"))).toEqual(["a.md:4"]);
  });

  test("reports features that are left out, done without a test, or wrongly added up", () => {
    const root = seedTree({
      "a.md":
        "2 done, 0 partly, 1 later\n\n| S1.1 | a | done | |\n| S1.2 | b | done | [t](a.test.ts) |\n| S1.3 | c | soon | |\n",
    });
    const says = guardFeatures(root, "a.md", { S1: 3 }).map((finding) => finding.says);
    expect(says).toEqual([
      expect.stringContaining("S1.1 is done, and no test"),
      expect.stringContaining("is no row"),
      expect.stringContaining("no row S1.3"),
      expect.stringContaining('"2 done, 0 partly, 0 later"'),
    ]);
  });

  test("reports options the README does not name, or with another default", () => {
    const root = seedTree({
      "README.md": "| `lanes` | 9 | x |\n| `whenFull` | `block` | x |\n",
      "packages/core/src/options.ts":
        "export interface EngineOptions { readonly lanes?: number; readonly whenFull?: string }\n" +
        "export interface LoggerOptions extends EngineOptions { readonly name?: string }\n",
    });
    const says = guardOptions(root, { lanes: 8, whenFull: "block" }).map((finding) => finding.says);
    expect(says).toEqual([expect.stringContaining("`name`"), expect.stringContaining("default of `lanes` is 8")]);
  });

  test("reports an error whose comment does not say what to do", () => {
    const source = (comment: string): string =>
      `/** ${comment} */\nexport class AError extends SpillwayError {\n  readonly code = "ERR_SPILLWAY_A";\n}\n`;
    expect(() => errorReference(source("It fails."))).toThrow('"To do: ..."');
    expect(errorReference(source("It fails. To do: mend it."))).toContain("| what to do | mend it. |");
  });

  test("runs an example with the files beside it, and sees what it prints and how it ends", async () => {
    const text = [
      "```js file=b.mjs",
      "export default 'b';",
      "```",
      "```js run",
      'import b from "./b.mjs";',
      "console.log(b);",
      "process.exit(3);",
      "```",
      "```text prints",
      "b",
      "```",
      "```js",
      "not run",
      "```",
    ].join("\n");
    const [example, ...others] = examplesOf(parseDocument("a.md", text));
    expect(others).toEqual([]);
    expect(example).toMatchObject({ name: "a.md:4", prints: "b\n" });
    if (example !== undefined) expect(await runExample(example, BUILT)).toEqual({ code: 3, stdout: "b\n", stderr: "" });
  });

  test("runs commands of a shell, one of them spillway, and stops at the first that fails", async () => {
    const text =
      "```js file=a.mjs\nconsole.log(process.cwd());\n```\n```sh run\nnode a.mjs\nnpx spillway recover gone\necho x\n```\n";
    const [example] = examplesOf(parseDocument("a.md", text));
    if (example === undefined) throw new Error("no example was found");
    const { code, stdout, stderr } = await runExample(example, BUILT);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "/srv/app\n" });
    expect(stderr).toContain("no such file or folder");
  });

  test("looks at the documents of this repository", () => {
    const documents = readDocuments(ROOT);
    expect(documents.length).toBeGreaterThan(30);
    expect(documents.flatMap(examplesOf).length).toBeGreaterThan(8);
    expect(readSource(ROOT, "docs/guarantees.md").text).toContain("| shown by |");
  });
});
