import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Acknowledged, checkSequence, type Outcome, Program, TempFolder, waitFor } from "@spillway/testkit";
import { expect, test } from "vitest";
import { leftOf, recover } from "./recover.ts";

const PROGRAM = fileURLToPath(new URL("programs/ring-files.mjs", import.meta.url));
const MISBEHAVING = new URL("../engine/fixtures/misbehaving-sink.mjs", import.meta.url).href;
/** Every record stays in the ring: this sink, before the file in their order, takes nothing. */
const REFUSING = { type: "module", module: MISBEHAVING, options: { how: "refuse", everywhere: true } };
const RING_BYTES = 8 * 1024 * 1024;
const EACH = 500;

type Tier = "mmap" | "mirror";

/** A program with two lanes, whose ring files this process does things to. */
class Victim {
  readonly #folder: TempFolder;
  readonly #program: Program;
  readonly #acknowledged: Acknowledged;
  readonly log: string;

  /** `refuses`: the file gets nothing; everything stays in the ring. */
  constructor(folder: TempFolder, tier: Tier, refuses = true) {
    this.#folder = folder;
    this.log = folder.file("app.log");
    this.#acknowledged = new Acknowledged(folder.file("acknowledged"));
    const input = {
      sinks: { ...(refuses ? { refusing: REFUSING } : {}), file: { type: "file", path: this.log } },
      options: { crashSafety: { tier }, ringBytes: RING_BYTES },
      acknowledged: this.#acknowledged.path,
      perTurn: tier === "mirror",
    };
    this.#program = new Program(PROGRAM, { input });
  }

  get rings(): string[] {
    const place = this.#folder.file(".spillway");
    if (!existsSync(place)) return [];
    return readdirSync(place)
      .filter((name) => name.endsWith(".ring"))
      .map((name) => join(place, name));
  }

  get stderr(): string {
    return this.#program.stderr;
  }

  get stdout(): string {
    return this.#program.stdout;
  }

  async ended(): Promise<Outcome> {
    return this.#program.ended();
  }

  /** Until each thread has logged some more. */
  async logsOn(): Promise<void> {
    const before = this.#calls();
    await waitFor(
      "more records of both threads",
      () => {
        if (this.#program.hasEnded) throw new Error(`it has ended: ${this.stderr}`);
        return this.#calls().every((calls, cell) => calls > before[cell]! + EACH);
      },
      20_000,
    );
  }

  async remade(files: number): Promise<void> {
    await waitFor(`${files} files made anew`, () => this.stdout.includes(`remade ${files} `), 10_000);
  }

  async endThread(): Promise<void> {
    this.#program.say("end the thread");
    await waitFor("the thread to be gone", () => this.stdout.includes("terminated"), 5000);
  }

  /** Kills it, has the next start deliver what it left, and answers what is wrong with the log then. */
  async killed(): Promise<readonly string[]> {
    this.#program.kill();
    await this.#program.ended();
    const [main, thread] = this.#calls() as [number, number];
    await recover("start", this.log);
    return checkSequence(this.#folder.read("app.log"), {
      counts: { main, thread },
      mayHaveMore: { main: 20, thread: 20 },
      mayBe: ({ unreadable }) => unreadable === undefined,
    }).problems;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  #calls(): number[] {
    return [this.#acknowledged.calls(0), this.#acknowledged.calls(1)];
  }
}

const DEEDS: Readonly<Record<string, (victim: Victim) => void>> = {
  deleted: ({ rings }) => {
    for (const path of rings) rmSync(path);
  },
  "deleted with their folder": ({ rings }) => {
    rmSync(join(rings[0]!, ".."), { recursive: true });
  },
  replaced: ({ rings, log }) => {
    for (const path of rings) {
      writeFileSync(`${log}.other`, "somebody else's");
      renameSync(`${log}.other`, path);
    }
  },
  // The pages of it that are in use stay: the lanes are filled from the beginning.
  truncated: ({ rings }) => {
    for (const path of rings) truncateSync(path, statSync(path).size - RING_BYTES / 2);
  },
};

test.each(Object.keys(DEEDS).flatMap((deed) => (["mmap", "mirror"] as const).map((tier) => [tier, deed] as const)))(
  "ring files (%s): %s while in use, they are made anew, and a kill after that loses nothing",
  async (tier, deed) => {
    using folder = new TempFolder();
    await using victim = new Victim(folder, tier);
    await victim.logsOn();
    expect(victim.stdout).toContain(`durability ${tier}\n`);
    expect(victim.rings).toHaveLength(2);
    const doneAt = performance.now();
    DEEDS[deed]!(victim);
    await victim.remade(2);
    // A second is promised, on a machine that has the time.
    expect(performance.now() - doneAt).toBeLessThan(4000);
    const word = deed.split(" ")[0];
    expect(victim.stderr.match(new RegExp(`the ring file was ${word}; it is made anew`, "g"))).toHaveLength(2);
    await victim.logsOn();
    expect(victim.stdout.trimEnd().split("\n").at(-1)).toBe(`remade 2 ${tier}`);
    expect(await victim.killed(), victim.stderr).toEqual([]);
    // What was put in their place is nobody's to destroy.
    const left = leftOf(victim.log).filter((name) => name.includes(".bad."));
    expect(left).toHaveLength(deed === "replaced" ? 2 : 0);
  },
);

test.each(["mmap", "mirror"] as const)(
  "ring files (%s): deleted again and again while the drain is at work, nothing is lost and nothing comes twice",
  async (tier) => {
    using folder = new TempFolder();
    await using victim = new Victim(folder, tier, false);
    for (let times = 1; times <= 4; times++) {
      await victim.logsOn();
      DEEDS["deleted"]!(victim);
      await victim.remade(2 * times);
    }
    await victim.logsOn();
    expect(await victim.killed(), victim.stderr).toEqual([]);
  },
);

test("ring files: that of a thread that has ended is made anew too, with what it left", async () => {
  using folder = new TempFolder();
  await using victim = new Victim(folder, "mmap");
  await victim.logsOn();
  await victim.endThread();
  DEEDS["deleted"]!(victim);
  await victim.remade(2);
  expect(await victim.killed(), victim.stderr).toEqual([]);
});

test("ring files: while they cannot be made anew that is told once, and they are when they can", async () => {
  using folder = new TempFolder();
  await using victim = new Victim(folder, "mmap");
  await victim.logsOn();
  const place = join(victim.rings[0]!, "..");
  rmSync(place, { recursive: true });
  writeFileSync(place, "in the way");
  await waitFor("the trouble to be told", () => victim.stderr.match(/cannot be made anew yet/g)?.length === 2, 10_000);
  await waitFor("the weaker durability", () => victim.stdout.includes("remade 0 none"), 5000);
  rmSync(place);
  mkdirSync(place);
  await victim.remade(2);
  await victim.logsOn();
  expect(victim.stderr.match(/cannot be made anew yet/g)).toHaveLength(2);
  expect(await victim.killed(), victim.stderr).toEqual([]);
});

test("ring files (mmap): truncated to nothing, they are the end of the process, and do no harm to the next", async () => {
  using folder = new TempFolder();
  await using victim = new Victim(folder, "mmap");
  await victim.logsOn();
  for (const path of victim.rings) truncateSync(path, 0);
  expect((await victim.ended()).signal).toBe("SIGBUS");
  const stderr = await recover("start", victim.log);
  expect(stderr.match(/nothing could be found in/g)).toHaveLength(2);
  expect(checkSequence(folder.read("app.log"), { counts: {} }).others).toEqual([
    { level: 30, time: expect.any(Number) as number, msg: "the one that came after" },
  ]);
});
