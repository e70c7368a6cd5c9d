import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Acknowledged } from "./acknowledged.ts";
import { Program } from "./program.ts";
import { Random } from "./random.ts";
import { checkSequence, type ProblemKind } from "./sequence.ts";
import { TempFolder } from "./temp-folder.ts";

const LOOK_MS = 4;
/** A slow sink may need for ever for what a kill waits for. */
const LATEST_MS = 2000;
const RECOVERY_ATTEMPTS = 5;

export interface KillCampaign {
  /** How many processes are killed while they log. */
  readonly runs: number;
  readonly seed: number;
  /** The program that logs, the one that recovers, and a module with a sink that is slow. */
  readonly produces: string;
  readonly recovers: string;
  readonly slowSink: string;
  /** Which node runs the programs; default: this one. */
  readonly node?: string;
  /** How many times as many records as usual a process logs before it is killed. Default 1: up to 15,000, and what follows. */
  readonly volume?: number;
  /** Lives at once. */
  readonly parallel?: number;
  /** How many records a thread may have logged that the program has not acknowledged yet. Default 1. */
  readonly unacknowledged?: number;
  readonly onLife?: (life: Life, soFar: KillTotals) => void;
}

export interface KillTotals {
  runs: number;
  /** Recoveries that were killed themselves. */
  killedRecoveries: number;
  records: number;
  wrong: Partial<Record<ProblemKind | "left behind" | "program", number>>;
}

/** One log file, and the processes that die over it one after the other. */
export interface Life {
  readonly seed: number;
  readonly steps: readonly unknown[];
  readonly kills: number;
  readonly killedRecoveries: number;
  readonly records: number;
  readonly problems: readonly string[];
  readonly wrong: KillTotals["wrong"];
  /** What is kept of a life that went wrong. */
  readonly folder: string | undefined;
}

/**
 * Kills processes that log at random moments, has what they left recovered by the next one or by hand, kills the
 * recovery at random moments too, and holds the file against what the processes had acknowledged: every record once, in
 * the order of its thread, no line torn.
 */
export async function runKillCampaign(campaign: KillCampaign): Promise<{ totals: KillTotals; failures: Life[] }> {
  const totals: KillTotals = { runs: 0, killedRecoveries: 0, records: 0, wrong: {} };
  const failures: Life[] = [];
  let next = campaign.seed;
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started < campaign.runs) {
      const random = new Random(next++);
      const kills = Math.min(random.between(1, 6), campaign.runs - started);
      started += kills;
      const life = await new OneLife(campaign, random).live(kills);
      totals.runs += life.kills;
      totals.killedRecoveries += life.killedRecoveries;
      totals.records += life.records;
      for (const [kind, count] of Object.entries(life.wrong) as [ProblemKind, number][])
        totals.wrong[kind] = (totals.wrong[kind] ?? 0) + count;
      if (life.problems.length > 0) failures.push(life);
      campaign.onLife?.(life, totals);
    }
  };
  await Promise.all(Array.from({ length: campaign.parallel ?? 3 }, worker));
  return { totals, failures };
}

class OneLife {
  readonly #campaign: KillCampaign;
  readonly #random: Random;
  readonly #folder = new TempFolder();
  readonly #log: string;
  readonly #steps: unknown[] = [];
  readonly #problems: string[] = [];
  readonly #counts: Record<string, number> = {};
  readonly #mayHaveMore: Record<string, number> = {};
  #killedRecoveries = 0;

  constructor(campaign: KillCampaign, random: Random) {
    this.#campaign = campaign;
    this.#random = random;
    this.#log = this.#folder.file("app.log");
  }

  async live(kills: number): Promise<Life> {
    for (let step = 0; step < kills; step++) {
      await this.#produce(`s${step}`);
      if (this.#random.chance(0.4)) await this.#recover(true);
    }
    for (let attempt = 0; attempt < RECOVERY_ATTEMPTS && this.#left().length > 0; attempt++) await this.#recover(false);
    const text = existsSync(this.#log) ? readFileSync(this.#log) : "";
    const { problems, counts, records } = checkSequence(text, {
      counts: this.#counts,
      mayHaveMore: this.#mayHaveMore,
      isRight,
      mayBe: isKnown,
    });
    const left = this.#left();
    const wrong: KillTotals["wrong"] = { ...counts };
    if (left.length > 0) wrong["left behind"] = left.length;
    if (this.#problems.length > 0) wrong.program = this.#problems.length;
    const all = [...problems, ...this.#problems, ...left.map((name) => `${name} was left behind`)];
    if (all.length === 0) this.#folder[Symbol.dispose]();
    return {
      seed: this.#random.seed,
      steps: this.#steps,
      kills,
      killedRecoveries: this.#killedRecoveries,
      records,
      problems: all,
      wrong,
      folder: all.length === 0 ? undefined : this.#folder.path,
    };
  }

  async #produce(step: string): Promise<void> {
    const random = this.#random;
    const { node, volume = 1 } = this.#campaign;
    const threads = random.pick([1, 1, 2, 4]);
    // A mirror promises what was logged before the turn under way, so its program acknowledges turn by turn.
    const isMirror = random.chance(0.2);
    const perTurn = random.pick([10, 100, 1000, 5000, 50_000]);
    const acknowledged = new Acknowledged(this.#folder.file(`${step}.acknowledged`));
    const input = {
      sinks: this.#sinks(),
      // A record that finds no room waits for it: what is dropped is not acknowledged.
      options: {
        ringBytes: random.pick([64, 128, 256]) * 1024,
        maxBlockMs: 600_000,
        crashSafety: { tier: isMirror ? "mirror" : "auto" },
      },
      acknowledged: acknowledged.path,
      step,
      threads,
      isMirror,
      neverYields: !isMirror && random.chance(0.4),
      perTurn,
      pauseMs: random.pick([0, 0, 1, 5]),
      atMost: Math.ceil((volume * random.pick([20_000, 100_000])) / threads),
      isBig: random.chance(0.2),
    };
    // Some die while they start, or while they recover what the one before has left; the others in full flow.
    const killAfterCalls = random.pick([0, 1, 2000 * volume, 5000 * volume, 10_000 * volume, 15_000 * volume]);
    const killAfterMs = killAfterCalls === 0 ? random.between(30, 400) : random.between(0, 100);
    this.#steps.push({ ...input, killAfterCalls, killAfterMs });
    await using program = new Program(this.#campaign.produces, { input, ...(node && { node }) });
    const latest = performance.now() + LATEST_MS * volume;
    const least = Math.min(killAfterCalls, input.atMost);
    while (acknowledged.calls(0) < least && !program.hasEnded && performance.now() < latest) await pause(LOOK_MS);
    await pause(killAfterMs);
    program.kill();
    const { signal, stderr, code } = await program.ended();
    if (signal !== "SIGKILL") this.#problems.push(`${step} ended by itself, code ${code}: ${stderr.slice(0, 2000)}`);
    if (stderr !== "") this.#problems.push(`${step} said: ${stderr.slice(0, 2000)}`);
    for (let thread = 0; thread < threads; thread++) {
      this.#counts[`${step}.${thread}`] = acknowledged.calls(thread);
      this.#mayHaveMore[`${step}.${thread}`] = isMirror ? perTurn : (this.#campaign.unacknowledged ?? 1);
    }
  }

  async #recover(mayBeKilled: boolean): Promise<void> {
    const random = this.#random;
    const by = random.pick(["recoverAll", "start"]);
    const killAfterMs = mayBeKilled && random.chance(0.6) ? random.between(50, 350) : undefined;
    this.#steps.push({ by, killAfterMs });
    const input = { by, path: this.#log, sinks: this.#sinks() };
    const { node } = this.#campaign;
    await using program = new Program(this.#campaign.recovers, { input, ...(node && { node }) });
    if (killAfterMs !== undefined) {
      await pause(killAfterMs);
      if (!program.hasEnded) program.kill();
    }
    const { signal, stderr, stdout, code } = await program.ended();
    if (signal === "SIGKILL") this.#killedRecoveries++;
    else if (code !== 0 || stderr !== "" || !stdout.startsWith("result "))
      this.#problems.push(`recovery by ${by}: code ${code}, ${stdout}${stderr.slice(0, 2000)}`);
  }

  #sinks(): Record<string, unknown> {
    const random = this.#random;
    const file = { type: "file", path: this.#log };
    if (random.chance(0.5)) return { file };
    const slow = { type: "module", module: this.#campaign.slowSink, options: { sleepMs: random.between(1, 20) } };
    return random.chance(0.5) ? { slow, file } : { file, slow };
  }

  /** Ring files, and logs of critical records, that were not recovered. One that had not got its name yet is swept later, as is a large record of no ring. */
  #left(): string[] {
    const folder = this.#folder.file(".spillway");
    return existsSync(folder) ? readdirSync(folder).filter((name) => /\.(ring|owner)$/.test(name)) : [];
  }
}

function isRight(record: Readonly<Record<string, unknown>>): boolean {
  const { size, text } = record;
  return typeof text === "string" && text.length === size;
}

/** What was recovered, or logged by the recovering program; no record that could not be read. */
function isKnown({ recovered, unreadable, msg }: Readonly<Record<string, unknown>>): boolean {
  return unreadable === undefined && (recovered !== undefined || msg === "the one that came after");
}
