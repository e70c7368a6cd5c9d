// The demo as a user starts it, on a small folder; with pino behind it unless our own logger is built.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const DEMO = fileURLToPath(new URL("../main.mjs", import.meta.url));
const BUILT = fileURLToPath(new URL("../../../packages/spillway/dist/index.js", import.meta.url));
const LOGGER = existsSync(BUILT) ? "spillway" : "pino";

let place;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "demo-test-"));
  const folder = join(place, "read");
  mkdirSync(join(folder, "below"), { recursive: true });
  writeFileSync(join(folder, "a.txt"), "one line\n".repeat(3000));
  writeFileSync(join(folder, "b.txt"), "one line\n".repeat(3000));
  writeFileSync(join(folder, "below", "latin.txt"), Buffer.from([0x66, 0xfc, 0x72]));
  writeFileSync(join(folder, "below", "bad.gz"), "no gzip at all");
  writeFileSync(join(folder, "below", "bad.json"), '{"a":');
  symlinkSync("nowhere", join(folder, "below", "broken-link"));
  mkdirSync(join(place, "empty"));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Runs the demo; `whenSaid` is called with all that it said so far, each time it says something. */
function demo(args, whenSaid = () => {}) {
  const child = spawn(process.execPath, [DEMO, ...args], { cwd: place, env: { ...process.env, NO_COLOR: "1" } });
  const said = { out: "", err: "" };
  const hear = (name) => (text) => {
    said[name] += text;
    whenSaid(said, child);
  };
  child.stdout.setEncoding("utf8").on("data", hear("out"));
  child.stderr.setEncoding("utf8").on("data", hear("err"));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...said })));
}

test("demo: logs every step and every error, and finds all of it in the file", { timeout: 30_000 }, async () => {
  const { code, out, err } = await demo(["read", "--logger", LOGGER, "--json"]);
  expect(err).toContain("tail -f tmp/demo-");
  const summary = JSON.parse(out);
  expect(summary).toMatchObject({ passed: true, ended: "all read", files: 6, errorsMet: 4, eventLoopTurns: 0 });
  expect(summary.records).toMatchObject({ isWhole: true, dropped: 0, missing: 0 });
  expect(summary.records.logged).toBeGreaterThan(25);
  expect(code).toBe(0);
});

test("demo: ^C stops the job, checks what was logged and answers 130", { timeout: 30_000 }, async () => {
  let isSent = false;
  const { code, out } = await demo(["--logger", LOGGER, "--seconds", "30"], (said, child) => {
    if (isSent || !/[1-9][0-9,]* records logged/.test(said.out)) return;
    isSent = child.kill("SIGINT");
  });
  expect(out).toMatch(/PASS {2}all [0-9,]+ records/);
  expect(out).toContain("stopped with ^C");
  expect(code).toBe(130);
});

test("demo: ends when the time is up, and says so", { timeout: 30_000 }, async () => {
  const { code, out } = await demo(["--logger", LOGGER, "--seconds", "1"]);
  expect(out).toContain("the time was up");
  expect(code).toBe(0);
});

test.each([
  [["nosuch"], "there is no folder"],
  [["empty"], "holds no files"],
  [["read/a.txt"], "is a file"],
  [["read", "--seconds", "0"], "--seconds 0"],
  [["read", "--logger", "none"], "Choose one of"],
  [["read", "--out", "not/there"], "--out FOLDER"],
  [["read", "--speed"], "--help"],
])("demo: refuses %j, names what to do and answers 2", { timeout: 30_000 }, async (args, words) => {
  const { code, out, err } = await demo(args);
  expect(err).toContain(words);
  expect(err).not.toMatch(/\n {4}at /);
  expect(out).toBe("");
  expect(code).toBe(2);
});

test("demo: --help tells the options and the exit codes", async () => {
  const { code, out } = await demo(["--help"]);
  expect(out).toMatch(/--seconds[\s\S]*--json[\s\S]*Exit code/);
  expect(code).toBe(0);
});
