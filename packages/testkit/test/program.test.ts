import { writeFileSync } from "node:fs";
import { runProgram, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";

test("program: collects exit code, output and what it was given", async () => {
  using folder = new TempFolder();
  writeFileSync(
    folder.file("p.mjs"),
    'console.log(JSON.parse(process.argv[2]).a); console.error("err"); process.exitCode = 5;',
  );
  const outcome = await runProgram(folder.file("p.mjs"), { input: { a: "given" } });
  expect(outcome).toMatchObject({ code: 5, signal: null, stdout: "given\n", stderr: "err\n" });
});

test("program, seeded: kills one that does not end, with what it started, and says so", async () => {
  using folder = new TempFolder();
  writeFileSync(
    folder.file("p.mjs"),
    'import { spawn } from "node:child_process"; console.log(spawn("sleep", ["1000"]).pid); setInterval(() => {}, 1000);',
  );
  const failure = await runProgram(folder.file("p.mjs"), { killAfterMs: 1000 }).catch((error: Error) => error.message);
  const started = Number(/"stdout":"(\d+)/.exec(String(failure))?.[1]);
  expect(failure).toContain("had not ended after 1000 ms");
  await waitFor("the grandchild to be gone", () => !isAlive(started));
});

test("wait for, seeded: says what it waited for in vain", async () => {
  await expect(waitFor("the moon", () => false, 20)).rejects.toThrow("waited 20 ms for this in vain: the moon");
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
