/** What people get from `npm install`: the packed package, alone in a folder, run by this machine's Node. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addKoffi, type Installation, install, linesOf, makeFolder, pack, remove } from "./installation.ts";
import { runProgram } from "./run-program.ts";
import { NO_KOFFI, play, SCENARIOS } from "./scenarios.ts";

const root = makeFolder();
const major = Number(process.versions.node.split(".")[0]);
let app: Installation;

beforeAll(async () => {
  app = await install(await pack(root), path.join(root, "app"));
}, 120_000);
afterAll(() => remove(root));

describe("npm install", () => {
  test("adds one package, without a registry and without a warning", () => {
    expect(app.outcome).toMatchObject({ code: 0, stderr: "" });
    expect(app.outcome.stdout).toContain("added 1 package in");
    const entries = readdirSync(path.join(app.folder, "node_modules")).filter((name) => !name.startsWith("."));
    expect(entries).toEqual(["spillway"]);
    addKoffi(app);
  });

  test("runs no script of ours", () => {
    // There is nothing to build.
    expect(existsSync(path.join(app.folder, "node_modules/spillway/binding.gyp"))).toBe(false);
  });
});

describe("without what is optional", () => {
  test("says that the ring is not a file, once, and delivers", async () => {
    const bare = await install(await pack(root), path.join(root, "bare"));
    await play(
      { name: "bare", program: "log.mjs", mode: "stay", prints: ["durability: mirror"], says: NO_KOFFI },
      process.execPath,
      major,
      bare.folder,
    );
  });
});

describe("command", () => {
  test("is there by its name, and recovers", async () => {
    expect(readdirSync(path.join(app.folder, "node_modules/.bin"))).toEqual(["spillway"]);
    const outcome = await runProgram(path.join(app.folder, "node_modules/.bin/spillway"), ["recover", "."], app.folder);
    expect(outcome).toEqual({ code: 0, stdout: "nothing to recover in .\n", stderr: "" });
  });
});

describe(`installed, Node ${process.versions.node}`, () => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))("%s", async (_, scenario) => {
    await play(scenario, process.execPath, major, app.folder);
  });
});

describe("README", () => {
  test("shows a program that runs", async () => {
    const readme = readFileSync(path.join(app.folder, "node_modules/spillway/README.md"), "utf8");
    const program = /^```js\n(.*?)^```/ms.exec(readme)?.[1] ?? "";
    writeFileSync(path.join(app.folder, "readme.mjs"), program);
    const outcome = await runProgram(process.execPath, ["readme.mjs"], app.folder);
    expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
    const messages = linesOf(path.join(app.folder, "logs/shop.log")).map((line) => JSON.parse(line).msg);
    expect(messages).toEqual(["started", "order placed", "order 4711 failed", "slow"]);
  });
});
