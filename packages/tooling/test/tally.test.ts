import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { describeSkips, Tally } from "../run/tally.mjs";
import { ROOT, run, toolScript } from "../run/workspace.mjs";

describe("tally", () => {
  test("sums checks and suites into the last line", () => {
    const tally = new Tally();
    tally.check("lint", true);
    tally.check("build", false);
    tally.add({ passed: 10, failed: 2, skipped: [{ name: "maps", file: "a.test.ts", why: "no koffi" }] });

    expect(tally.lastLine).toBe("11 passed, 3 failed, 1 skipped");
  });

  test("counts a skip nobody excused as failed where skips are refused", () => {
    const tally = new Tally();
    tally.add({
      passed: 1,
      failed: 0,
      skipped: [
        { name: "a", file: "a.test.ts" },
        { name: "b", file: "b.test.ts" },
      ],
    });
    tally.refuseSkips([{ file: "a.test.ts", why: "needs a device" }]);

    expect(tally.failures).toEqual(["b.test.ts: b must run here, and was skipped"]);
  });

  test("tells every skip with its reason, and that a reason is missing", () => {
    const lines = describeSkips([
      { name: "maps a file", file: "ring.test.ts", why: "koffi is not installed" },
      { name: "x", file: "other.test.ts" },
    ]);

    expect(lines[0]).toBe("ring.test.ts: maps a file: koffi is not installed");
    expect(lines[1]).toContain("no reason given");
  });
});

describe("tally reporter", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "spillway-tally-test-"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("counts passes, failures, files that cannot be loaded and skips with their reasons", async () => {
    // The seeds lie outside the workspace, where the name "vitest" leads nowhere: they use its globals.
    const suite = `
      test("passes", () => {});
      test("fails", () => { expect(1).toBe(2); });
      test("leaves", (ctx) => { ctx.skip("no such device"); });
      describe.skip("a suite (skipped: no network)", () => { test("in it", () => {}); });
      test.todo("later");
    `;
    writeFileSync(path.join(folder, "a.test.mjs"), suite);
    writeFileSync(path.join(folder, "b.test.mjs"), "throw new Error('cannot be loaded');");

    const tallyFile = path.join(folder, "tally.json");
    const reporter = path.join(ROOT, "packages/tooling/run/tally-reporter.mjs");
    const args = [toolScript("vitest"), "run", `--root=${folder}`, "--globals", `--reporter=${reporter}`];
    const outcome = await run(process.execPath, args, { env: { SPILLWAY_TALLY: tallyFile } });
    expect(outcome.ok).toBe(false);

    const tally = JSON.parse(readFileSync(tallyFile, "utf8"));
    expect(tally.passed).toBe(1);
    expect(tally.failed).toBe(2);
    expect(tally.skipped.map((skip: { name: string; why?: string }) => [skip.name, skip.why])).toEqual([
      ["leaves", "no such device"],
      ["a suite (skipped: no network) > in it", "no network"],
      ["later", undefined],
    ]);
  });
});
