import { fileURLToPath } from "node:url";
import { checkSequence, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { recover } from "./recover.ts";

const PROGRAM = fileURLToPath(new URL("programs/turns.mjs", import.meta.url));
const SPILLWAY = new URL("../../dist/index.js", import.meta.url).href;
const MISBEHAVING = new URL("../engine/fixtures/misbehaving-sink.mjs", import.meta.url).href;
/** Several times what the ring holds. */
const PER_TURN = 5000;

test.each([0, 1])(
  "mirrored overflow: what was logged in front of the first record behind the ring is copied before it, in a turn that never ends (%i turns before it)",
  async (turns) => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const refusing = { type: "module", module: MISBEHAVING, options: { how: "refuse", everywhere: true } };
    const input = {
      spillway: SPILLWAY,
      sinks: { refusing, file: { type: "file", path } },
      options: { ringBytes: 64 * 1024, whenFull: "spill", crashSafety: { tier: "mirror" } },
      turns,
      perTurn: PER_TURN,
      dies: true,
    };
    const { signal, stdout, stderr } = await runProgram(PROGRAM, { input });
    expect(signal, stderr).toBe("SIGKILL");
    expect(stdout).toContain("durability mirror\n");
    await recover("start", path);
    const report = checkSequence(folder.read("app.log"), { counts: { main: (turns + 1) * PER_TURN } });
    expect(report.problems, stderr).toEqual([]);
  },
);
