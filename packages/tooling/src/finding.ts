/** What a guard reports, and how people read it. */

export interface Finding {
  /** Below the guarded tree's root, with forward slashes. */
  file: string;
  line: number;
  /** What is wrong and how to put it right, in one sentence each. */
  says: string;
}

/** One line per finding, in the form that terminals and editors turn into links. */
export function describeFindings(findings: readonly Finding[]): string {
  return findings.map(({ file, line, says }) => `${file}:${line}  ${says}`).join("\n");
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
