/** Runs the reader that was made from the specification alone, and ours, over the same files. */
import { spawnSync } from "node:child_process";
import nodeFs from "node:fs";
import path from "node:path";
import { DamagedWalError } from "@spillway/core";
import { openWal, readWal, type WalMode, type WalReport } from "../../src/index.ts";
import { damage } from "./mutations.ts";
import { Image, payloadOf, type Random } from "./wal-under-test.ts";

const PROGRAM = path.join(import.meta.dirname, "../second-reader/wal.py");
const MODES: readonly WalMode[] = ["tolerate-tail", "point-in-time", "skip-corrupt", "absolute"];

type Answer = string[];

/** Makes a log of a few lives, segments and lengths; some of it pruned. */
export async function makeLog(log: string, random: Random): Promise<void> {
  for (let life = 1 + random.below(3); life > 0; life--) {
    const wal = openWal(log, { segmentBytes: 4096 });
    for (let frames = random.below(30); frames > 0; frames--) {
      wal.append(random.below(2 ** 31), payloadOf(random.below(1000), random.below(400)));
    }
    await wal.durable();
    if (random.below(3) === 0) await wal.prune(random.below(wal.lastSeq + 2));
    await wal.close();
  }
}

export function damageLog(folder: string, random: Random): void {
  const image = new Image(folder);
  const files = damage(image, random);
  for (const name of image.files.keys()) {
    const bytes = files.get(name);
    if (bytes === undefined) nodeFs.rmSync(path.join(folder, name));
    else nodeFs.writeFileSync(path.join(folder, name), bytes);
  }
}

/** What both say about each log, as lines; `differ` holds those about which they do not agree. */
export function compare(logs: readonly string[]): { agreed: number; differ: string[]; frames: number } {
  let [agreed, frames] = [0, 0];
  const differ: string[] = [];
  for (const mode of MODES) {
    const theirs = secondReader(mode, logs);
    logs.forEach((log, i) => {
      const ours = ourAnswer(log, mode);
      frames += ours.length - 1;
      if (JSON.stringify(ours) === JSON.stringify(theirs[i])) agreed++;
      else differ.push(`${mode} ${log}\n  ours   ${ours.at(-1)}\n  theirs ${theirs[i]?.at(-1)}`);
    });
  }
  return { agreed, differ, frames };
}

function secondReader(mode: WalMode, logs: readonly string[]): Answer[] {
  const { stdout, stderr, status } = spawnSync("python3", [PROGRAM, mode, ...logs], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`the second reader failed: ${stderr}`);
  const answers: Answer[] = [];
  let answer: Answer = [];
  for (const line of stdout.trimEnd().split("\n")) {
    answer.push(JSON.stringify(JSON.parse(line)));
    if (!line.startsWith('{"report"')) continue;
    answers.push(answer);
    answer = [];
  }
  return answers;
}

function ourAnswer(log: string, mode: WalMode): Answer {
  const answer: Answer = [];
  const reading = readWal(log, { mode });
  try {
    for (const { seq, tag, payload } of reading) {
      answer.push(JSON.stringify({ seq, tag, payload: payload.toString("hex") }));
    }
    answer.push(JSON.stringify({ report: comparable(reading.report) }));
  } catch (error) {
    if (!(error instanceof DamagedWalError)) throw error;
    const { report } = readWal(log, { mode: "skip-corrupt" });
    answer.push(JSON.stringify({ report: { ...comparable(report), frames: 0 } }));
  }
  return answer;
}

function comparable(report: WalReport): object {
  const { uuid, prunedTo, frames, duplicates, leftOut, lastSeq, stoppedAt, missing } = report;
  const places = report.damage
    .map(({ file, kind, from, to }) => ({ file, kind, from, to }))
    .sort((a, b) => compareText(a.file, b.file) || a.from - b.from || a.to - b.to || compareText(a.kind, b.kind));
  const rest = { frames, duplicates, leftOut, lastSeq, stoppedAt: stoppedAt ?? null, damage: places, missing };
  return { uuid: uuid ?? null, prunedTo, ...rest };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
