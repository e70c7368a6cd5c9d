import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { ROOT, run } from "../run/workspace.mjs";
import { seedTree } from "./seed.ts";

/** A command that starts a process of its own which never ends, notes its id in `file`, and waits for it. */
function spinningChild(file: string): string {
  const spin = `require("node:fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); for (;;) {}`;
  return `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(spin)}])`;
}

test("run: stops a command that takes too long, with everything it started", async () => {
  const file = path.join(seedTree({}), "pid");
  const { ok, output } = await run(process.execPath, ["-e", spinningChild(file)], { timeoutMs: 1_500 });

  expect(ok).toBe(false);
  expect(output).toContain("stopped after 2 s");
  await expect.poll(() => isAlive(Number(readFileSync(file, "utf8")))).toBe(false);
});

test("run: passes an interrupt on to everything it started, and ends by it", async () => {
  const folder = seedTree({});
  const file = path.join(folder, "pid");
  const workspace = pathToFileURL(path.join(ROOT, "packages/tooling/run/workspace.mjs")).href;
  const program = `import(${JSON.stringify(workspace)}).then(({ run }) => run(process.execPath, ["-e", ${JSON.stringify(spinningChild(file))}]))`;
  const runner = spawn(process.execPath, ["-e", program]);
  await expect.poll(() => existsSync(file) && readFileSync(file, "utf8") !== "", { timeout: 10_000 }).toBe(true);

  runner.kill("SIGINT");
  const [, signal] = await once(runner, "close");

  expect(signal).toBe("SIGINT");
  await expect.poll(() => isAlive(Number(readFileSync(file, "utf8")))).toBe(false);
});

test("run: answers a command that does not exist like one that failed", async () => {
  const { ok, output } = await run("no-such-command", []);
  expect(ok).toBe(false);
  expect(output).toContain("ENOENT");
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A killed process that nobody has waited for yet is a zombie: dead, but still there.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
