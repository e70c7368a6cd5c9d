/** The README's table of options: every option there is, with the default it has. */
import { parseSync } from "oxc-parser";
import type { Finding } from "./finding.ts";
import { readSource } from "./tree.ts";

const README = "README.md";
const OPTIONS = "packages/core/src/options.ts";
const INTERFACES = new Set(["EngineOptions", "LoggerOptions"]);

interface Row {
  readonly line: number;
  readonly cell: string;
}

/** `defaults`: as the code has them. */
export function guardOptions(root: string, defaults: Readonly<Record<string, unknown>>): Finding[] {
  const rows = rowsOf(readSource(root, README).text);
  const missing = optionNames(root)
    .filter((name) => !rows.has(name))
    .map((name) => ({ file: README, line: 1, says: `does not name the option \`${name}\`. Give it a row.` }));
  const wrong = Object.entries(defaults).flatMap(([name, value]) => {
    const row = rows.get(name);
    if (row === undefined || numberIn(row.cell) === value || row.cell === `\`${String(value)}\``) return [];
    return [{ file: README, line: row.line, says: `the default of \`${name}\` is ${String(value)}, not ${row.cell}.` }];
  });
  return [...missing, ...wrong];
}

/** Rows by option: `` | `name` | default | ... ``; several options may share a row. */
function rowsOf(text: string): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const [index, line] of text.split("\n").entries()) {
    const [, names = "", cell = ""] = /^\| ((?:`\w+`(?:, )?)+) \|([^|]*)\|/.exec(line) ?? [];
    for (const [, name = ""] of names.matchAll(/`(\w+)`/g)) rows.set(name, { line: index + 1, cell: cell.trim() });
  }
  return rows;
}

/** `8 MiB` is 8388608. */
function numberIn(cell: string): number | undefined {
  const [, digits, unit] = /^([\d_]+)( MiB| KiB)?( ms)?$/.exec(cell) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits.replaceAll("_", "")) * (unit === " MiB" ? 1024 * 1024 : unit === " KiB" ? 1024 : 1);
}

function optionNames(root: string): string[] {
  const { program } = parseSync(OPTIONS, readSource(root, OPTIONS).text);
  return program.body.flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration") return [];
    const { declaration } = statement;
    if (declaration?.type !== "TSInterfaceDeclaration" || !INTERFACES.has(declaration.id.name)) return [];
    return declaration.body.body.flatMap((member) =>
      member.type === "TSPropertySignature" && member.key.type === "Identifier" ? [member.key.name] : [],
    );
  });
}
