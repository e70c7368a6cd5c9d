/** Recoveries at once where koffi cannot be loaded, so that there is no lock on a file: they see each other by claims. */
import { cpSync, mkdirSync, rmSync, statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { checkSequence, Program, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { copyOf } from "./published-copy.ts";
import { leftOf, recover } from "./recover.ts";

const TURNS = fileURLToPath(new URL("programs/turns.mjs", import.meta.url));
const RECOVERS = fileURLToPath(new URL("programs/recovers.mjs", import.meta.url));
const COUNT = 30_000;
const AT_ONCE = 8;
const ROUNDS = 6;

interface Leftovers {
  readonly log: string;
  readonly spillway: string;
  /** Lays what the dead process left down again, with an empty log. */
  readonly restore: () => void;
  /** Bytes of the log when all is in it. */
  readonly whole: number;
  /** `mayBeBlank`: lines without anything in them are none. */
  readonly problems: (mayBeBlank?: boolean) => readonly string[];
}

/** A process that logged into a ring it copied to its file, without koffi, and was killed before anything was delivered. */
async function leftovers(folder: TempFolder): Promise<Leftovers> {
  const spillway = copyOf(folder.file("copy"));
  const log = folder.file("app.log");
  // A folder in the place of the log: the sink cannot open it, and the ring keeps everything.
  mkdirSync(log);
  const sinks = { file: { type: "file", path: log } };
  const input = { spillway, sinks, options: {}, turns: COUNT / 1000, perTurn: 1000, dies: true };
  const { stdout, signal, stderr } = await runProgram(TURNS, { input });
  expect(signal, stderr).toBe("SIGKILL");
  expect(stdout).toContain("durability mirror\n");
  rmSync(log, { recursive: true });
  const kept = folder.file("kept");
  cpSync(folder.file(".spillway"), kept, { recursive: true });
  await recover("recoverAll", log, { spillway });
  const problems = (mayBeBlank = false): readonly string[] => {
    const text = folder.read("app.log").toString();
    return checkSequence(Buffer.from(mayBeBlank ? text.replaceAll(/\n+/g, "\n") : text), {
      counts: { main: COUNT },
      mayHaveMore: { main: COUNT + 1000 },
      mayBe: ({ unreadable }) => unreadable === undefined,
    }).problems;
  };
  expect(problems()).toEqual([]);
  const whole = sizeOf(log);
  const restore = (): void => {
    for (const path of [log, folder.file(".spillway")]) rmSync(path, { recursive: true, force: true });
    cpSync(kept, folder.file(".spillway"), { recursive: true });
  };
  return { log, spillway, restore, whole, problems };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function claimsOf(log: string): string[] {
  return leftOf(log).filter((name) => name.includes(".claim."));
}

test.each(["recoverAll", "start"] as const)(
  "claims: of eight at once without koffi (%s) one recovers, and each record comes once",
  async (by) => {
    using folder = new TempFolder();
    const { log, spillway, restore, problems } = await leftovers(folder);
    for (let round = 0; round < 2; round++) {
      restore();
      await Promise.all(Array.from({ length: AT_ONCE }, () => recover(by, log, { spillway })));
      // A start that looks at the end of the log while another writes there ends that line once more.
      expect([round, problems(by === "start"), leftOf(log)]).toEqual([round, [], []]);
    }
  },
);

test("claims: one that is killed in its middle is overtaken by one of eight, and each record comes once", async () => {
  using folder = new TempFolder();
  const { log, spillway, restore, whole, problems } = await leftovers(folder);
  let overtaken = 0;
  for (let round = 0; round < ROUNDS; round++) {
    restore();
    const program = new Program(RECOVERS, { input: { spillway, by: "recoverAll", path: log } });
    for (const enough = Math.random() * whole * 0.8; !program.hasEnded && sizeOf(log) <= enough; ) await nextTurn();
    program.kill("SIGKILL");
    await program.ended();
    if (claimsOf(log).length > 0) overtaken++;
    await Promise.all(Array.from({ length: AT_ONCE }, () => recover("recoverAll", log, { spillway })));
    expect([round, problems(), leftOf(log)]).toEqual([round, [], []]);
  }
  // Otherwise nothing was shown.
  expect(overtaken).toBeGreaterThan(ROUNDS / 3);
}, 180_000);
