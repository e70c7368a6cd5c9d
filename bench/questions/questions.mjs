// The questions, in the order in which they are best read.

export const questionNames = [
  "what-does-a-call-cost",
  "how-many-per-second-end-to-end",
  "how-late-is-a-record-when-the-loop-is-blocked",
  "how-much-memory-in-a-burst",
  "what-does-it-cost-when-idle",
  "how-long-to-start",
  "how-fast-is-a-durable-commit",
  "what-does-crash-safety-cost",
  "how-fast-is-a-recovery",
  "what-survives-a-kill",
];

/** @returns {Promise<import("../harness/question.mjs").Question>} */
export async function loadQuestion(name) {
  return (await import(new URL(`./${name}.mjs`, import.meta.url).href)).question;
}
