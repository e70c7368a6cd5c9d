/** Many scripts, one after the other, until so many lines are compared. What fails is made small and told. */
import { mixSeed } from "./choices.ts";
import { compare } from "./compare.ts";
import type { DifferenceId } from "./deliberate-differences.ts";
import { describeFailure } from "./describe-script.ts";
import { shrink } from "./shrink.ts";
import type { Side } from "./sides.ts";

export interface CampaignOptions {
  readonly seed: number;
  /** Lines to compare; a call at a level that is off compares nothing and does not count. */
  readonly lines: number;
  /** Steps in one script, all of them on one logger and its children, into one file. */
  readonly stepsPerScript?: number;
  /** After so many failing scripts the campaign ends. */
  readonly mostFailures?: number;
  readonly shrinkTries?: number;
  readonly shrinkMs?: number;
}

export interface CampaignResult {
  readonly scripts: number;
  readonly lines: number;
  readonly deliberate: ReadonlyMap<DifferenceId, number>;
  readonly failures: readonly string[];
}

export async function runCampaign(side: Side, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, lines: wanted, stepsPerScript = 250, mostFailures = 3, shrinkTries = 400, shrinkMs = 15_000 } = options;
  const deliberate = new Map<DifferenceId, number>();
  const failures: string[] = [];
  let lines = 0;
  let scripts = 0;
  while (lines < wanted && failures.length < mostFailures) {
    const comparison = await compare({ seed: mixSeed(seed, scripts), length: stepsPerScript }, side);
    scripts++;
    if (comparison === undefined) continue;
    lines += comparison.lines;
    for (const [id, times] of comparison.deliberate) deliberate.set(id, (deliberate.get(id) ?? 0) + times);
    const [first] = comparison.differences;
    if (first === undefined) continue;
    const small = await shrink(comparison.script, first, side, { tries: shrinkTries, ms: shrinkMs });
    failures.push(describeFailure(seed, small.script, small.difference));
  }
  return { scripts, lines, deliberate, failures };
}

/** The same cases each time, unless another seed is asked for. */
export function campaignSeed(): number {
  return Number(process.env["SPILLWAY_SEED"] ?? 20_251_121);
}
