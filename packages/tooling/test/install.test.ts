import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildDue } from "../run/build.mjs";
import { installDue, lockOutdated } from "../run/install.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "spillway-install-test-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, content: unknown): void {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, typeof content === "string" ? content : JSON.stringify(content));
}

describe("install", () => {
  const wanted = {
    "": { name: "root" },
    "packages/a": { version: "1.0.0" },
    "node_modules/vitest": { version: "4.1.0" },
    "node_modules/only-on-darwin": { version: "1.0.0", optional: true },
  };

  test("is due when nothing is installed", () => {
    write("package-lock.json", { packages: wanted });
    expect(installDue(root)).toBe("nothing is installed yet");
  });

  test("is not due when what the lock file asks for is there, whatever the dates of the files", () => {
    write("node_modules/.package-lock.json", { packages: { "node_modules/vitest": { version: "4.1.0" } } });
    write("package-lock.json", { packages: wanted });
    expect(installDue(root)).toBeUndefined();
  });

  test("is due when a package is missing or another version", () => {
    write("package-lock.json", { packages: wanted });
    write("node_modules/.package-lock.json", { packages: {} });
    expect(installDue(root)).toBe("node_modules/vitest is missing");
    write("node_modules/.package-lock.json", { packages: { "node_modules/vitest": { version: "3.0.0" } } });
    expect(installDue(root)).toBe("node_modules/vitest is 3.0.0, the lock file says 4.1.0");
  });
});

describe("lock file", () => {
  beforeEach(() => {
    write("package.json", { workspaces: ["packages/*"], devDependencies: { b: "1", a: "2" } });
    write("packages/core/package.json", { dependencies: { c: "3" } });
  });

  test("answers the package.json files when it names the same dependencies, in any order", () => {
    const packages = { "": { devDependencies: { a: "2", b: "1" } }, "packages/core": { dependencies: { c: "3" } } };
    write("package-lock.json", { packages });
    expect(lockOutdated(root)).toBeUndefined();
  });

  test("is outdated when a package or a dependency came in, or a version changed", () => {
    expect(lockOutdated(root)).toBe("there is no package-lock.json");
    write("package-lock.json", { packages: { "": { devDependencies: { a: "2", b: "1" } } } });
    expect(lockOutdated(root)).toBe("the lock file does not know packages/core");
    write("package-lock.json", { packages: { "": { devDependencies: { a: "3", b: "1" } } } });
    expect(lockOutdated(root)).toBe("devDependencies of the root changed");
  });
});

describe("build", () => {
  test("is due without a bundle, not due with a younger one, due again after an edit", async () => {
    write("packages/core/src/index.ts", "export {};");
    expect(buildDue(root)).toBe(true);
    await clockTick();
    write("packages/spillway/dist/index.js", "export {};");
    expect(buildDue(root)).toBe(false);
    await clockTick();
    write("packages/core/test/index.test.ts", "// tests are not built");
    expect(buildDue(root)).toBe(false);
    write("packages/core/src/index.ts", "export const a = 1;");
    expect(buildDue(root)).toBe(true);
  });
});

/** File times come from the kernel's coarse clock, which moves every 1 to 10 ms. */
function clockTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 25));
}
