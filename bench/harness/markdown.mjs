// A result as a chapter of RESULTS.md.

import { bar } from "./bars.mjs";
import { figure, targetText, verdictText, withInterval } from "./numbers.mjs";
import { machine } from "./report.mjs";

/** @param {any} result */
export function chapter(result) {
  return [
    `## ${result.title}`,
    "",
    `\`node bench/run.mjs ${result.question}${result.quick ? " --quick" : ""}\``,
    "",
    machine(result),
    "",
    ...verdictTable(result),
    "```text",
    result.rows.map(plot).filter(Boolean).join("\n\n"),
    "```",
    "",
    ...(result.tables ?? []).map(({ title, head, rows }) => folded(title, markdownTable(head, rows.map(figures)))),
    ...(result.notes ?? []).map((note) => `${note} `),
    ...result.invalid.map(
      ({ contender, case: of, problems }) => `**Invalid:** ${contender}, ${of}: ${problems.join("; ")} `,
    ),
    "",
  ].join("\n");
}

function verdictTable({ rows }) {
  const judged = rows.flatMap((row) => [
    ...row.comparisons.map((one) => [
      row.label,
      `${one.of} / ${one.to}`,
      withInterval(one.ratio),
      targetText(one.target),
      one.verdict || one.differs ? verdictText(one) : "no difference",
    ]),
    ...(row.bound
      ? [
          [
            row.label,
            row.unit,
            withInterval(row.values[row.bound.contender]),
            targetText(row.bound.target),
            verdictText(row.bound),
          ],
        ]
      : []),
  ]);
  return judged.length === 0 ? [] : [markdownTable(["", "what", "median (interval)", "target", ""], judged), ""];
}

/** The values of a row as bars, each with its interval; nothing for a row without a valid run. */
function plot({ label, unit, values }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return "";
  const most = Math.max(...entries.map(([, { median }]) => median));
  const name = Math.max(...entries.map(([contender]) => contender.length));
  const bars = entries.map(
    ([contender, of]) => `  ${contender.padEnd(name)}  ${bar(of.median, most)} ${withInterval(of)}`,
  );
  return [`${label}, ${unit}`, ...bars].join("\n");
}

function figures(cells) {
  return cells.map(figure);
}

function markdownTable(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

function folded(title, text) {
  return `<details><summary>${title}</summary>\n\n${text}\n\n</details>\n`;
}
