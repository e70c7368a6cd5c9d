// Whether a run counts: every record found in its sink, none dropped, and the contender's own accounts agree.

import { countLines } from "./written.mjs";

/**
 * Call after `close()`; `accounts` are those from before it.
 * @param {object} run
 * @param {import("../contenders/contenders.mjs").Contender} run.contender
 * @param {string} run.path
 * @param {number} run.expected   records logged at an enabled level
 * @param {import("../contenders/contenders.mjs").Accounts} [run.accounts]
 * @param {(record: any) => string | undefined} [run.whatIsWrong]  looks at a sample of the lines
 * @returns {{ written: number, problems: string[] }}
 */
export function verify({ contender, path, expected, accounts, whatIsWrong }) {
  const problems = new Set();
  const onLine = (line) => {
    try {
      const record = JSON.parse(line);
      const wrong = whatIsWrong?.(record);
      if (wrong !== undefined) problems.add(wrong);
    } catch {
      problems.add(`a line is not JSON: ${line.slice(0, 80)}`);
    }
  };
  const { lines, tornBytes } = contender.written
    ? { lines: contender.written(), tornBytes: 0 }
    : countLines(path, { onLine });
  if (lines !== expected) problems.add(`${expected} records logged, ${lines} found in the file`);
  if (tornBytes > 0) problems.add(`the file ends in ${tornBytes} bytes without a line end`);
  if (accounts) for (const wrong of wrongInAccounts(accounts)) problems.add(wrong);
  if (accounts && accounts.logged !== expected)
    problems.add(`accounts: ${accounts.logged} logged, ${expected} calls made`);
  if (accounts && sum(accounts.dropped) > 0) problems.add(`dropped: ${JSON.stringify(accounts.dropped)}`);
  return { written: lines, problems: [...problems] };
}

/** The sums that must hold at any time, whatever was dropped. */
export function wrongInAccounts(accounts) {
  const wrong = [];
  const { logged, accepted, dropped, sinks } = accounts;
  if (logged !== accepted + sum(dropped)) {
    wrong.push(`accounts: logged ${logged} is not accepted ${accepted} + dropped ${sum(dropped)}`);
  }
  for (const [name, sink] of Object.entries(sinks)) {
    const known = sink.delivered + sink.quarantined + sink.pending;
    if (known !== accepted) {
      wrong.push(
        `accounts: sink ${name} knows of ${known} records, accepted were ${accepted} (${JSON.stringify(sink)})`,
      );
    }
  }
  return wrong;
}

/** @param {Record<string, number>} counts */
export function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
