// The fresh process: one contender, one case, once. The job comes as JSON in the first argument, the answer goes as
// JSON to descriptor 3 (not to stdout, which belongs to the contender `console`, and not over IPC, whose channel
// would be one more thing in the event loop under measurement).

import { writeSync } from "node:fs";

const ANSWER = 3;

const job = JSON.parse(process.argv[2]);
const { question } = await import(`../questions/${job.question}.mjs`);
// Some contenders wait for their worker without keeping the event loop alive; the process would end in the middle.
setInterval(() => {}, 2 ** 30);
try {
  answer(await question.measure(job));
  // Whatever a contender left running must not keep the process: the files were verified.
  process.exit(0);
} catch (error) {
  answer({ metrics: {}, problems: [error?.stack ?? String(error)] });
  process.exit(1);
}

function answer(measured) {
  const text = Buffer.from(JSON.stringify(measured));
  for (let at = 0; at < text.length; ) at += writeSync(ANSWER, text, at);
}
