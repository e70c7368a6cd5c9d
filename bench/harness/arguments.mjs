// The command line of run.mjs.

import { parseArgs } from "node:util";
import { contenders, whyUnavailable } from "../contenders/contenders.mjs";
import { loadQuestion, questionNames } from "../questions/questions.mjs";

export class UsageError extends Error {}

export const HELP = `Usage: node bench/run.mjs QUESTION [options]

Measures contenders side by side, in alternating fresh processes, and judges the ratios.

Questions (or "all"):
${questionNames.map((name) => `  ${name}`).join("\n")}

Contenders:
${Object.entries(contenders)
  .map(([name, { means }]) => `  ${name.padEnd(15)} ${means}`)
  .join("\n")}

Options:
  --quick           fewer and shorter runs; the result is not kept unless --json says where
  --only A,B        these contenders instead of the question's own; "all" for all that can run here
  --cases A,B       these cases instead of all of the question's
  --runs N          processes per contender and case
  --set NAME=VALUE  a number of the question's settings, for instance --set records=10000; repeatable
  --json FILE       write the result there ("-": to stdout, the table then goes to stderr);
                    without it a full run is written to docs/results/QUESTION.json
  --folder DIR      make the files to log to in this folder instead of the system's for temporary files
  --help            this text

Exit status: 0 all targets met, 1 a target missed, 2 wrong usage, 3 a run was invalid.
NO_COLOR switches colours off.
`;

/**
 * @param {string[]} argv
 * @returns {Promise<{ help: true } | { help: false, json?: string, asked: {
 *   question: import("./question.mjs").Question, plan: Parameters<typeof import("./ask.mjs").ask>[1], keep: boolean }[] }>}
 */
export async function readArguments(argv) {
  const { values, positionals } = parse(argv);
  if (values.help || positionals.length === 0) return { help: true };
  const names = positionals.includes("all") ? questionNames : positionals;
  const asked = [];
  for (const name of names) asked.push(await planFor(name, values));
  if (values.json !== undefined && asked.length > 1) throw new UsageError("--json FILE goes with a single question");
  return { help: false, json: values.json, asked };
}

function parse(argv) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        cases: { type: "string" },
        runs: { type: "string" },
        set: { type: "string", multiple: true, default: [] },
        json: { type: "string" },
        folder: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

async function planFor(name, { quick, only, cases, runs, set, folder }) {
  if (!questionNames.includes(name)) {
    throw new UsageError(`there is no question "${name}"; known: ${questionNames.join(", ")}, all`);
  }
  const question = await loadQuestion(name);
  const grade = quick ? "quick" : "full";
  const rounds = runs === undefined ? question.runs[grade] : wholeNumber("--runs", runs);
  const plan = {
    contenders: contendersFor(question, only),
    cases: cases === undefined ? question.cases : listed(cases, question.cases, "case"),
    rounds,
    quick,
    settings: { ...question.settings[grade], ...settingsFrom(set, question.settings.full) },
    folder,
  };
  // What is kept must be comparable with what was kept before.
  const keep = !quick && only === undefined && cases === undefined && set.length === 0 && rounds >= question.runs.full;
  return { question, plan, keep };
}

function contendersFor(question, only) {
  if (only === "all") return Object.keys(contenders).filter((name) => whyNot(question, name) === undefined);
  const names = only === undefined ? question.contenders : split(only);
  const reasons = names.map((name) => whyNot(question, name)).filter((why) => why !== undefined);
  if (reasons.length > 0) throw new UsageError(reasons.join("\n"));
  return names;
}

function whyNot(question, name) {
  const unavailable = whyUnavailable(name);
  if (unavailable) return unavailable;
  if (question.observeEveryMs && contenders[name].writes === "nowhere") {
    return `${question.name} looks at the file, and contender "${name}" writes none`;
  }
  return undefined;
}

function listed(text, known, what) {
  const names = split(text);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(`there is no ${what} "${unknown[0]}"; known: ${known.join(", ")}`);
  return names;
}

function settingsFrom(pairs, known) {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, value] = pair.split("=");
      if (!(name in known))
        throw new UsageError(`no setting "${name}"; known: ${Object.keys(known).join(", ") || "none"}`);
      return [name, wholeNumber(`--set ${name}`, value)];
    }),
  );
}

function split(text) {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function wholeNumber(what, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`${what} needs a whole number above 0, not "${text}"`);
  return value;
}
