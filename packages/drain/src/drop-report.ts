import {
  type DictionaryView,
  DROP_REASONS,
  DROP_REPORT_COUNTS,
  DROP_REPORT_FIRST,
  DROP_REPORT_LAST,
  LEVEL_CLASSES,
} from "@spillway/core";
import type { JsonBytes } from "@spillway/format";

/** The line that says in band how many records were dropped, why, and of which levels. */
export function writeDropReport(out: JsonBytes, memory: Buffer, offset: number, dictionary: DictionaryView): void {
  const value = (index: number): number => memory.readDoubleLE(offset + index * 8);
  const reasons: Record<string, number> = {};
  const levels: Record<string, number> = {};
  let dropped = 0;
  for (let r = 0; r < DROP_REASONS.length; r++) {
    for (let c = 0; c < LEVEL_CLASSES.length; c++) {
      const count = value(DROP_REPORT_COUNTS + r * LEVEL_CLASSES.length + c);
      if (count === 0) continue;
      dropped += count;
      reasons[DROP_REASONS[r]!] = (reasons[DROP_REASONS[r]!] ?? 0) + count;
      levels[LEVEL_CLASSES[c]!] = (levels[LEVEL_CLASSES[c]!] ?? 0) + count;
    }
  }
  const configId = memory.readInt32LE(offset + (DROP_REPORT_COUNTS + DROP_REASONS.length * LEVEL_CLASSES.length) * 8);
  const config = dictionary.config(configId);
  const report = {
    dropped,
    level: 40,
    time: value(DROP_REPORT_LAST),
    since: value(DROP_REPORT_FIRST),
    reasons,
    levels,
    ...(config.name === "" ? {} : { name: config.name }),
    [config.messageKey]: `spillway: ${dropped} records dropped`,
  };
  out.utf8(`${JSON.stringify(report)}${config.end.slice(1)}`);
}
