/** What is in the tarball, and what is not. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install, makeFolder, pack, remove } from "./installation.ts";
import { runProgram } from "./run-program.ts";

const BUNDLER = fileURLToPath(new URL("../../build/bundle.mjs", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));

const require = createRequire(import.meta.url);

const KB = 1024;
/** What the sizes may grow to before somebody has to say that it is worth it. */
const BUDGET: Readonly<Record<string, number>> = {
  tarball: 400 * KB,
  "dist/index.js": 480 * KB,
  "dist/index.cjs": 480 * KB,
  "dist/cli.js": 75 * KB,
  "dist/drain.cjs": 250 * KB,
  "dist/pool.cjs": 80 * KB,
  "dist/index.d.ts": 32 * KB,
};

const root = makeFolder();
let tarball: string;
let content: string;

beforeAll(async () => {
  tarball = await pack(root);
  const { folder } = await install(tarball, path.join(root, "app"));
  content = path.join(folder, "node_modules/spillway");
}, 120_000);
afterAll(() => remove(root));

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .sort();
}

function read(name: string): string {
  return readFileSync(path.join(content, name), "utf8");
}

describe("tarball", () => {
  test("holds the bundle, its declarations and the notices, and nothing else", () => {
    expect(filesOf(content)).toEqual([
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY.md",
      "dist/cli.js",
      "dist/drain.cjs",
      "dist/index.cjs",
      "dist/index.d.cts",
      "dist/index.d.ts",
      "dist/index.js",
      "dist/pool-worker.cjs",
      "dist/pool.cjs",
      "package.json",
    ]);
  });

  test("needs nothing but itself, and starts nothing when it is installed", () => {
    const manifest = JSON.parse(read("package.json"));
    expect(manifest).not.toHaveProperty("scripts");
    expect(Object.keys(manifest.optionalDependencies)).toEqual(["koffi"]);
    for (const kind of ["dependencies", "peerDependencies", "bundleDependencies"]) {
      expect(Object.keys(manifest[kind] ?? {})).toEqual([]);
    }
    expect(manifest.engines).toEqual({ node: ">=20.19.0" });
  });

  test("asks at run time for nothing but Node's own modules and its own files", () => {
    for (const name of filesOf(content).filter((file) => /\.c?js$/.test(file))) {
      const asked = [...read(name).matchAll(/(?:\brequire\(|^import .*? from |\bimport\()"([^"]+)"/gm)].map(
        (found) => found[1]!,
      );
      // piscina asks for it when it is told to change a thread's priority, which nobody does.
      expect([name, asked.filter((text) => !/^(node:|\.\/)/.test(text) && text !== "@napi-rs/nice")]).toEqual([
        name,
        [],
      ]);
    }
  });

  test("names neither the workspace's packages nor places of this machine", () => {
    for (const name of filesOf(content)) {
      // Comments that say which source a part comes from are relative; see the load guard of the tooling package.
      expect([name, /@spillway\//.test(name === "package.json" ? "" : read(name))]).toEqual([name, false]);
      expect([name, read(name).includes(REPOSITORY)]).toEqual([name, false]);
      expect([name, /sourceMappingURL=/.test(read(name))]).toEqual([name, false]);
    }
  });

  test("passes on the licence of every library inside", () => {
    const notice = read("dist/THIRD-PARTY.md");
    const inside = [...notice.matchAll(/^## (\S+) /gm)].map(([, name]) => name!);
    expect(inside).toEqual([
      "@pinojs/redact",
      "atomic-sleep",
      "commander",
      "pino-std-serializers",
      "piscina",
      "quick-format-unescaped",
      "safe-stable-stringify",
      "sonic-boom",
    ]);
    // The comments of the bundler know most of them, and none besides.
    const seen = new Set<string>();
    for (const name of filesOf(content).filter((file) => /\.c?js$/.test(file))) {
      for (const found of read(name).matchAll(/^\/\/ .*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm))
        seen.add(found[1]!);
    }
    expect(seen.size).toBeGreaterThan(2);
    expect([...seen].filter((name) => !inside.includes(name))).toEqual([]);
    for (const name of inside) {
      const section = notice.split(/^## /m).find((text) => text.startsWith(`${name} `)) ?? "";
      expect([name, /copyright/i.test(section) && /permission is hereby granted/i.test(section)]).toEqual([name, true]);
    }
  });

  test("has the repository's licence", () => {
    expect(read("LICENSE")).toBe(readFileSync(path.join(REPOSITORY, "LICENSE"), "utf8"));
  });

  test("stays within its budget of bytes", () => {
    const sizes = Object.keys(BUDGET).map((name) => [
      name,
      statSync(name === "tarball" ? tarball : path.join(content, name)).size,
    ]);
    const over = sizes.filter(([name, bytes]) => Number(bytes) > BUDGET[String(name)]!);
    expect(over).toEqual([]);
  });
});

describe("build", () => {
  test("gives the same bytes from any folder", async () => {
    const [one, other] = [path.join(root, "one"), path.join(root, "other")];
    expect(await runProgram(process.execPath, [BUNDLER, one], root)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await runProgram(process.execPath, [BUNDLER, other], REPOSITORY)).toMatchObject({ code: 0 });
    expect(filesOf(one)).toEqual(filesOf(path.join(content, "dist")));
    const different = filesOf(one).filter(
      (name) => !readFileSync(path.join(one, name)).equals(readFileSync(path.join(other, name))),
    );
    expect(different).toEqual([]);
  }, 60_000);
});

describe("linters of packages", () => {
  test("publint has nothing to say", async () => {
    const { messages, pkg } = await publint({ pkgDir: content, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("attw finds no problem, in any way of resolving", async () => {
    const attw = require.resolve("@arethetypeswrong/cli/package.json");
    const args = [path.join(path.dirname(attw), "dist/index.js"), tarball, "--format", "json"];
    const { code, stdout, stderr } = await runProgram(process.execPath, args, root);
    expect(stderr).toBe("");
    const { analysis } = JSON.parse(stdout);
    expect(analysis.problems).toEqual([]);
    expect(Object.keys(analysis.entrypoints)).toContain(".");
    expect(code).toBe(0);
  }, 60_000);
});
