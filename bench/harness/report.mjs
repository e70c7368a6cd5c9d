// A result as text for a terminal.

import { coloursFor } from "./colour.mjs";
import { figure, targetText, verdictText, withInterval } from "./numbers.mjs";
import { table } from "./table.mjs";

/** @param {any} result  @param {NodeJS.WriteStream} stream */
export function report(result, stream) {
  const paint = coloursFor(stream);
  const parts = [
    paint.bold(result.title),
    paint.dim(machine(result)),
    "",
    rowsTable(result, paint),
    ...(result.tables ?? []).flatMap(({ title, head, rows }) => [
      "",
      paint.bold(title),
      table(
        head,
        rows.map((row) => row.map((cell) => ({ text: String(figure(cell)) }))),
        paint.dim,
      ),
    ]),
    "",
    ...(result.notes ?? []).map((note) => paint.dim(note)),
    paint.dim("Medians of the runs, in brackets the interval of the median; ratios are of runs side by side."),
    paint.dim('The median decides; "close" when the interval holds the target, "no difference" when it holds 1.'),
    ...result.invalid.map(({ contender, case: of, round, problems }) =>
      paint.red(`invalid: ${contender}, ${of}, round ${round + 1}: ${problems.join("; ")}`),
    ),
    summary(result, paint),
  ];
  stream.write(`${parts.join("\n")}\n`);
}

/** @param {any} result */
export function machine({ environment: of, rounds, quick }) {
  const packages = Object.entries(of.packages).map(([name, version]) => `${name} ${version ?? "?"}`);
  return [
    `${of.cpu}, ${of.cores} cores, governor ${of.governor ?? "unknown"}, load ${of.load[0]}`,
    `Node ${of.node}, ${packages.join(", ")}`,
    `commit ${of.commit ?? "none"}, ${of.date.slice(0, 10)}, ${rounds} runs each${quick ? ", quick" : ""}`,
  ].join(" · ");
}

/** Every verdict of a result, each with what it judged. */
export function verdicts(result) {
  return result.rows.flatMap((row) => [
    ...row.comparisons.filter((one) => one.verdict).map((one) => ({ label: `${row.label} to ${one.to}`, ...one })),
    ...(row.bound ? [{ label: row.label, ...row.bound }] : []),
  ]);
}

function rowsTable({ rows, contenders }, paint) {
  const others = [...new Set(rows.flatMap((row) => row.comparisons.map(({ to }) => to)))];
  const of = rows.flatMap((row) => row.comparisons)[0]?.of;
  const bounded = rows.some((row) => row.bound);
  const head = [
    "",
    "unit",
    ...contenders,
    ...(bounded ? ["ours must be", ""] : []),
    ...others.flatMap((to) => [`${of} / ${to}`, "target", ""]),
  ];
  const cells = rows.map((row) => [
    { text: row.label },
    { text: row.unit, paint: paint.dim },
    ...contenders.map((name) => ({ text: withInterval(row.values[name]) })),
    ...(bounded ? verdictCells(row.bound, paint) : []),
    ...others.flatMap((to) =>
      comparisonCells(
        row.comparisons.find((one) => one.to === to),
        paint,
      ),
    ),
  ]);
  return table(head, cells, paint.dim);
}

function comparisonCells(one, paint) {
  if (one === undefined) return [{ text: "" }, { text: "" }, { text: "" }];
  const [target, verdict] = verdictCells(one, paint);
  const noDifference = one.differs || one.verdict ? verdict : { text: "no difference", paint: paint.yellow };
  return [{ text: withInterval(one.ratio) }, target, noDifference];
}

function verdictCells(judged, paint) {
  return [
    { text: targetText(judged?.target), paint: paint.dim },
    { text: verdictText(judged), paint: judged?.verdict === "pass" ? paint.green : paint.red },
  ];
}

function summary(result, paint) {
  const all = verdicts(result);
  const missed = all.filter(({ verdict }) => verdict === "fail");
  if (result.invalid.length > 0) return paint.red(`${result.invalid.length} invalid runs: no answer.`);
  if (all.length === 0) return paint.yellow("No target judged: targets are for ours.");
  if (missed.length === 0) return paint.green(`All ${all.length} targets met.`);
  return paint.red(`${missed.length} of ${all.length} targets missed: ${missed.map(({ label }) => label).join(", ")}.`);
}
