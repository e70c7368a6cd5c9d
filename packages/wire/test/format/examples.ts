/** The worked examples of docs/formats, made by the code they describe. */
import { ENTRY_CONFIG, FRAME_RECORD, FRAME_TEXT, frameTag, type LoggerConfigEntry } from "@spillway/core";
import {
  ACCEPTED_BY_CLASS,
  CommitSlots,
  Consumer,
  DICTIONARY_OFFSET,
  dictionaryRegion,
  FRAMES_OFFSET,
  LaneCounters,
  makeMemory,
  Producer,
} from "@spillway/ring";
import { DictionaryWriter, Encoder, Shapes, Texts } from "../../src/index.ts";
import { beginRecord, NO_RULES, stringify } from "../wire-under-test.ts";
import { hexDump } from "./hex-dump.ts";
import { laneFile } from "./lane-file.ts";

const TIME = 1_700_000_000_000;
const INFO = 0;
const PLENTY = { leftBytes: 65_536 };

function makeExampleMemory(): SharedArrayBuffer {
  return makeMemory({ lanes: 1, capacity: 65_536, epoch: 0x1234_5678, pid: 4711 });
}

/** docs/formats/ring.md: two finished lines, the first of which a sink has. */
export function ringExample(): string {
  const memory = makeExampleMemory();
  const producer = new Producer(memory, 0);
  const counters = new LaneCounters(memory, 0);
  for (const text of ['{"msg":"a"}\n', '{"msg":"bc"}\n']) {
    const line = Buffer.from(`........${text}`);
    line.writeDoubleLE(TIME);
    line.copy(Buffer.from(memory), producer.tryClaim(line.length));
    producer.commit(frameTag(FRAME_TEXT, INFO, 0), line.length);
    counters.values[ACCEPTED_BY_CLASS + 2]! += 1;
  }
  const consumer = new Consumer(memory, 0);
  consumer.drain(() => true, 1);
  new CommitSlots(memory, 0, 0).store(1, 0, 0, 99, 0, 0);
  new CommitSlots(memory, 0, 0).store(2, consumer.drainedTo, 12, 99, 1, 1);
  consumer.ack(consumer.drainedTo);
  return hexDump(laneFile(memory));
}

/** docs/formats/wire.md: the dictionary after a few like calls, and the record of the last. */
export function wireExample(): { dictionary: string; record: string } {
  const memory = makeExampleMemory();
  const producer = new Producer(memory, 0);
  const dictionary = new DictionaryWriter(dictionaryRegion(memory, 0));
  const texts = new Texts(dictionary, PLENTY);
  const encoder = new Encoder(memory, new Shapes(dictionary, PLENTY, texts), texts, stringify);
  const entry: LoggerConfigEntry = {
    levels: [{ value: 30, label: "info", open: '{"level":30' }],
    timeOpen: ',"time":',
    time: "epoch",
    messageKey: "msg",
    nestedOpen: "",
    end: "}\n",
    name: "",
  };
  const config = dictionary.append(ENTRY_CONFIG, JSON.stringify(entry), PLENTY);
  const bindings = texts.intern(',"pid":4711');
  let start = 0;
  for (let call = 0; call < 8; call++) {
    start = producer.committedTo;
    const at = producer.tryClaim(256);
    beginRecord(encoder, memory, { start: at, end: producer.claimEnd, time: TIME + call, config, bindings });
    encoder.fields({ user: `ana ${call}`, n: 300, ok: true, list: [1.5, { ok: null }] }, NO_RULES, false);
    encoder.text("order paid");
    producer.commit(frameTag(FRAME_RECORD, INFO, 0), encoder.target.length);
  }
  const file = laneFile(memory);
  const used = dictionary.usedBytes;
  return {
    dictionary: hexDump(file, DICTIONARY_OFFSET, DICTIONARY_OFFSET + used),
    record: hexDump(file, FRAMES_OFFSET + start, FRAMES_OFFSET + producer.committedTo),
  };
}
