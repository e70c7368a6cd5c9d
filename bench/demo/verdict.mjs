// The last word of a run: what was found out, as text or as data.
import { count, duration, percent, size } from "./words.mjs";

/** Everything measured, as one plain object; `--json` prints it. */
export function summarize({ options, folder, list, counted, run, meter, check, visible, turns, accounts, stop, path }) {
  const dropped = accounts === undefined ? 0 : Object.values(accounts.dropped).reduce((sum, n) => sum + n, 0);
  const isPassed = check.isWhole && dropped === 0;
  return {
    passed: isPassed,
    exitCode: !isPassed ? 1 : stop === "" ? 0 : stop === "SIGTERM" ? 143 : stop === "SIGHUP" ? 129 : 130,
    logger: options.logger,
    ended: stop === "" ? run.ended : stop,
    folder,
    files: counted.files,
    filesListed: list.files.length,
    listCut: list.cut,
    bytesRead: counted.bytes,
    errorsMet: counted.errors,
    seconds: run.ms / 1000,
    eventLoopTurns: turns,
    records: { logged: run.records, ...check, dropped, visibleWhileBlocked: visible },
    logCall: { ...meter, shareOfRun: meter.totalMs / run.ms },
    deepestRingBytes: run.deepestRing,
    accounts: accounts ?? null,
    log: path,
  };
}

/** @returns {string[]} */
export function verdictLines(summary, paint) {
  const { records, logCall } = summary;
  const headline = summary.passed
    ? paint.good(`PASS  all ${count(records.logged)} records are in the file: each once, in order, every line parses`)
    : paint.bad(`FAIL  ${failure(records)}`);
  const lines = [
    "",
    headline,
    "",
    `  ended      ${ending(summary)}`,
    `  read       ${count(summary.files)} of ${count(summary.filesListed)} files, ${size(summary.bytesRead)}, ${count(summary.errorsMet)} errors met and logged`,
    `  run        ${summary.seconds.toFixed(1)} s on the main thread, event loop turns meanwhile: ${count(summary.eventLoopTurns)}`,
    `  log call   median ${duration(logCall.medianNs)}, p99 ${duration(logCall.p99Ns)}, longest ${duration(logCall.longestNs)}`,
    `             (${count(logCall.sampled)} of ${count(logCall.calls)} calls timed; ${duration(logCall.clockNs)} of each reading is the clock)`,
    `  logging    ${(100 * logCall.shareOfRun).toFixed(2)} % of the run`,
    `  visible    ${count(records.visibleWhileBlocked)} records (${percent(records.visibleWhileBlocked, records.logged)}) were in the file before the main thread gave way`,
    `  ring       ${size(summary.deepestRingBytes)} waiting at most`,
    `  log        ${summary.log} (${size(records.bytes)})`,
  ];
  if (!summary.passed) lines.push("", ...records.examples.map((example) => `  ${example}`));
  return lines;
}

function failure(records) {
  const parts = [
    [records.missing, "missing"],
    [records.twice, "there twice"],
    [records.outOfOrder, "out of order"],
    [records.broken, "not well formed"],
    [records.foreign, "without a number of this run"],
    [records.dropped, "dropped by the logger"],
  ];
  const wrong = parts.filter(([n]) => n > 0).map(([n, what]) => `${count(n)} ${what}`);
  return `of ${count(records.logged)} records logged: ${wrong.join(", ")}`;
}

function ending(summary) {
  switch (summary.ended) {
    case "all read":
      return summary.listCut ? "all files of the list are read (the folder holds more)" : "all files are read";
    case "time":
      return "the time was up";
    case "SIGINT":
      return "stopped with ^C; what was logged until then is checked";
    default:
      return `stopped (${summary.ended}); what was logged until then is checked`;
  }
}
