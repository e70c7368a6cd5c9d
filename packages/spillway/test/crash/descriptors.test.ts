import { fileURLToPath } from "node:url";
import { runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("programs/descriptors.mjs", import.meta.url));

test.each(["mmap", "mirror"])(
  "ring files (%s): those of threads that have ended neither write to nor close a file of the app's",
  async (tier) => {
    using folder = new TempFolder();
    const sinks = { file: { type: "file", path: folder.file("app.log") } };
    const { stdout, stderr } = await runProgram(PROGRAM, {
      input: { sinks, options: { crashSafety: { tier } }, folder: folder.path },
    });
    expect(stderr).toBe("");
    expect(stdout).toBe("result []\n");
  },
);
