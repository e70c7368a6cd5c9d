import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";

export interface CampaignResult {
  /** The name of its file. */
  readonly name: string;
  /** What was done, in a sentence. */
  readonly title: string;
  /** Done again with it, the same comes out. */
  readonly seed: number;
  readonly tookMs: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** Writes docs/results/NAME.json: the figures of a campaign, and what they depend on besides the code. */
export function writeCampaignResult({ name, title, seed, tookMs, figures }: CampaignResult): void {
  const result = {
    schema: "spillway-campaign/1",
    title,
    seed,
    seconds: Math.round(tookMs / 1000),
    figures,
    environment: {
      date: new Date().toISOString(),
      commit: commit(),
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()}`,
      node: process.version,
      load: loadavg().map((value) => Math.round(value * 100) / 100),
    },
  };
  const folder = join(repository(), "docs/results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, undefined, 1)}\n`);
}

function repository(): string {
  return join(import.meta.dirname, "../../..");
}

function commit(): string | null {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: repository(), encoding: "utf8" }).trim();
    // A result that another campaign has just written does not change what was measured.
    const hasChanges = git("status", "--porcelain", "--", ".", ":!docs/results") !== "";
    return git("rev-parse", "--short=12", "HEAD") + (hasChanges ? " with changes" : "");
  } catch {
    return null;
  }
}
