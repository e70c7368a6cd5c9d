// Asks one question of its contenders: fresh processes in alternation, so that what the machine does meanwhile
// happens to all of them alike.

import { environment, versions } from "./environment.mjs";
import { runOnce } from "./fresh-process.mjs";
import { Runs } from "./runs.mjs";

export const SCHEMA = "spillway-bench/1";

/**
 * @param {import("./question.mjs").Question} question
 * @param {object} plan
 * @param {string[]} plan.contenders
 * @param {string[]} plan.cases
 * @param {number} plan.rounds
 * @param {boolean} plan.quick
 * @param {import("./question.mjs").Settings} plan.settings
 * @param {string} [plan.folder]
 * @param {(done: number, all: number, label: string) => void} [onProgress]
 */
export async function ask(question, plan, onProgress = () => {}) {
  const { contenders, cases, rounds, quick, settings, folder } = plan;
  const before = environment();
  const jobs = inAlternation(contenders, cases, rounds);
  const runs = [];
  for (const [index, job] of jobs.entries()) {
    onProgress(index, jobs.length, `${job.case} · ${job.contender} · round ${job.round + 1}`);
    const { metrics, problems } = await runOnce(question, { ...job, settings }, { folder });
    runs.push({ ...job, metrics, problems });
  }
  onProgress(jobs.length, jobs.length, "");

  const valid = runs.filter((run) => run.problems.length === 0);
  return {
    schema: SCHEMA,
    question: question.name,
    title: question.title,
    quick,
    rounds,
    settings,
    environment: { ...before, packages: versions(contenders) },
    contenders,
    ...question.judge(new Runs(valid, contenders, cases)),
    invalid: runs
      .filter((run) => run.problems.length > 0)
      .map(({ contender, case: of, round, problems }) => ({ contender, case: of, round, problems })),
    runs: valid.map(({ contender, case: of, round, metrics }) => ({ contender, case: of, round, metrics })),
  };
}

/**
 * Round by round, case by case, the contenders right after one another; who begins changes with the round, so that
 * nobody always runs on the heels of the same other.
 */
function inAlternation(contenders, cases, rounds) {
  const jobs = [];
  for (let round = 0; round < rounds; round++) {
    for (const of of cases) {
      for (let turn = 0; turn < contenders.length; turn++) {
        jobs.push({ contender: contenders[(turn + round) % contenders.length], case: of, round });
      }
    }
  }
  return jobs;
}
