// The thread that sees what the busy main thread cannot: the terminal, the log file, and the wish to stop.
//
// The main thread does not turn its event loop, so it can neither draw nor notice a signal. This worker reads the
// shared counters and the growing file, draws, and listens on a pipe to the parent process, which does see signals.
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { AT, Counters } from "./counters.mjs";
import { LineCounter } from "./line-counter.mjs";
import { block, plainLine } from "./picture.mjs";
import { say } from "./words.mjs";

const { buffer, path, fd, controlFd, inPlace } = workerData;
let { columns } = workerData;

const counters = new Counters(buffer);
const file = new LineCounter(path);
const period = inPlace ? 100 : 1000;
let drawnLines = 0;
let isHeard = true;

listen();
const timer = setInterval(tick, period);
tick();

function listen() {
  const control = new Socket({ fd: controlFd, readable: true, writable: false });
  let waiting = "";
  control.setEncoding("utf8");
  control.on("data", (text) => {
    const lines = (waiting + text).split("\n");
    waiting = lines.pop();
    for (const line of lines) obey(line);
  });
  // A parent that is gone takes the terminal with it; a job that nobody can stop must not go on.
  control.on("end", () => counters.requestStop("parent gone"));
  control.on("error", () => counters.requestStop("parent gone"));
  control.unref();
}

function obey(line) {
  const [word, value] = line.split(" ");
  if (word === "stop") counters.requestStop(value);
  if (word === "columns") columns = Number(value);
}

function tick() {
  const { phase } = counters;
  file.look();
  counters.numbers[AT.linesInFile] = file.lines;
  counters.numbers[AT.bytesInFile] = file.bytes;
  if (phase !== "starting" && isHeard) draw(phase);
  if (phase === "done") {
    clearInterval(timer);
    file.close();
  }
}

function draw(phase) {
  const seen = look(phase);
  if (!inPlace) {
    if (phase === "working") isHeard = say(writeSync, fd, `${plainLine(seen)}\n`);
    return;
  }
  const lines = block(seen, columns);
  const up = drawnLines === 0 ? "" : `\x1b[${drawnLines}A`;
  drawnLines = lines.length;
  isHeard = say(writeSync, fd, `${up}${lines.map((line) => `\r${line}\x1b[K\n`).join("")}`);
}

function look(phase) {
  const { numbers, durations } = counters;
  return {
    phase,
    files: numbers[AT.files],
    filesAll: numbers[AT.filesAll],
    bytes: numbers[AT.bytes],
    bytesAll: numbers[AT.bytesAll],
    records: numbers[AT.records],
    errors: numbers[AT.errors],
    linesInFile: numbers[AT.linesInFile],
    bytesInFile: numbers[AT.bytesInFile],
    ringBytes: numbers[AT.ringBytes],
    medianNs: durations.quantile(0.5),
    p99Ns: durations.quantile(0.99),
    elapsedMs: Date.now() - numbers[AT.startedAt],
    limitMs: numbers[AT.deadlineAt] - numbers[AT.startedAt],
  };
}
