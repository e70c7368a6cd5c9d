// Figures as people read them: three digits, not more than a noisy machine can tell.

/** @param {number | string | undefined} value */
export function figure(value) {
  if (typeof value !== "number") return value ?? "";
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

/** @param {import("./intervals.mjs").Interval | undefined} of */
export function withInterval(of) {
  if (of === undefined) return "–";
  return of.n === 1 ? figure(of.median) : `${figure(of.median)} (${figure(of.low)}–${figure(of.high)})`;
}

/** @param {import("./question.mjs").Target | undefined} target */
export function targetText(target) {
  if (target?.atMost !== undefined) return `≤ ${target.atMost}`;
  if (target?.atLeast !== undefined) return `≥ ${target.atLeast}`;
  return "";
}

/** @param {{ verdict?: string, close?: boolean } | undefined} judged */
export function verdictText(judged) {
  return `${judged?.verdict ?? ""}${judged?.close ? ", close" : ""}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
