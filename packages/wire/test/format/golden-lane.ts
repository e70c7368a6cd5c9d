/**
 * Makes the lane of the golden file: one of every kind of frame, value and entry, in a ring that has been round. Run
 * when a format version is new; the files of versions that were published are never made again.
 */
import {
  DROP_REPORT_COUNTS,
  ENTRY_CONFIG,
  encodeFar,
  FRAME_DROPPED,
  FRAME_FAR,
  FRAME_RECORD,
  FRAME_TEXT,
  frameTag,
  LEVEL_CLASSES,
} from "@spillway/core";
import {
  ACCEPTED_BY_CLASS,
  CommitSlots,
  Consumer,
  dictionaryRegion,
  FULL,
  LaneCounters,
  makeMemory,
  Producer,
} from "@spillway/ring";
import { DictionaryWriter, Encoder, Shapes, Texts } from "../../src/index.ts";
import { beginRecord, CONFIG, type Fields, NO_RULES, stringify } from "../wire-under-test.ts";

const CAPACITY = 65_536;
const TIME = 1_700_000_000_000;
const INFO = 0;
const ERROR = 1;

export function makeGoldenLane(): SharedArrayBuffer {
  // 2 KiB before the end of the lane, and of the positions.
  const memory = makeMemory({
    lanes: 1,
    capacity: CAPACITY,
    epoch: 0x1234_5678,
    pid: 4711,
    startPosition: 2 ** 32 - 2048,
  });
  const bytes = Buffer.from(memory);
  const producer = new Producer(memory, 0);
  const consumer = new Consumer(memory, 0);
  const counters = new LaneCounters(memory, 0);
  const dictionary = new DictionaryWriter(dictionaryRegion(memory, 0));
  const texts = new Texts(dictionary, { leftBytes: 8192 });
  const shapes = new Shapes(dictionary, { leftBytes: 1024 }, texts);
  const encoder = new Encoder(memory, shapes, texts, stringify);
  const level = (value: number, label: string): object => ({ value, label, open: `{"level":${value}` });
  const entry = { ...CONFIG, levels: [level(30, "info"), level(50, "error")], name: "golden" };
  const config = dictionary.append(ENTRY_CONFIG, JSON.stringify(entry), { leftBytes: 4096 });
  const nested = dictionary.append(
    ENTRY_CONFIG,
    JSON.stringify({ ...entry, time: "iso", messageKey: "text", nestedOpen: ',"data":{', end: "}\r\n" }),
    { leftBytes: 4096 },
  );
  const bindings = texts.intern(',"pid":4711,"host":"example"');
  let time = TIME;

  const put = (payload: Buffer, kind: number): void => {
    const at = producer.tryClaim(payload.length);
    if (at === FULL) throw new Error("the golden lane is full");
    payload.copy(bytes, at);
    producer.commit(frameTag(kind, INFO, 0), payload.length);
  };
  const record = (
    fields: Fields | undefined,
    message: string | undefined,
    options: { level?: number; config?: number; inline?: string; args?: unknown[] } = {},
  ): void => {
    const at = producer.tryClaim(1024);
    if (at === FULL) throw new Error("the golden lane is full");
    beginRecord(encoder, memory, {
      start: at,
      end: producer.claimEnd,
      time: ++time,
      config: options.config ?? config,
      bindings: options.inline === undefined ? bindings : 0,
      inline: options.inline,
    });
    if (fields !== undefined) encoder.fields(fields, NO_RULES, false);
    const known = options.args === undefined ? undefined : encoder.template(message!);
    if (message === undefined) encoder.noMessage();
    else if (known === undefined || !encoder.formatted(known, options.args!)) encoder.text(message);
    const { target } = encoder;
    if (target.isOutside) target.copyTo(producer.tryClaim(target.length));
    producer.commit(frameTag(FRAME_RECORD, options.level ?? INFO, 0), target.length);
    counters.values[ACCEPTED_BY_CLASS + (options.level === ERROR ? 4 : 2)]! += 1;
  };

  record(undefined, "acked before the end");
  record({ acked: true }, "this one as well");
  consumer.drain(() => true, 2);
  const slots = new CommitSlots(memory, 0, 0);
  slots.store(1, 2 ** 32 - 2048, 0, 99, 0, 0);
  slots.store(2, consumer.drainedTo, 180, 99, 2, 2);
  consumer.ack(consumer.drainedTo);

  for (let i = 0; i < 3; i++) record(undefined, "a constant message");
  record(
    { zero: 0, small: -8_388_608, large: 2_147_483_647, float: 0.1, tiny: 5e-324, yes: true, no: false, none: null },
    "values",
  );
  record(
    { empty: "", plain: "abc", escaped: 'q"\\\n', utf8: "é€😀", half: "\ud800".repeat(101), long: "x".repeat(200) },
    "texts",
  );
  record({ object: { a: 1, b: { c: [] } }, list: [1, [2, { d: "e" }], null], json: new Map() }, "containers");
  record({ 1: "integer-like", "\ud801": "a key that travels with its record", after: { "\udc00": 1 } }, "extra keys");
  record({ inline: true }, "bindings of its own", { inline: ',"request":"r-1"', level: ERROR });
  record({ a: 1 }, undefined);
  record({ nested: 1 }, "in another configuration", { config: nested });
  for (let i = 0; i < 2; i++) encoder.template("%s took %d ms: %j %%");
  record({ t: 1 }, "%s took %d ms: %j %%", { args: ["it", 1.5, { a: [1] }] });
  // Passes the end of the lane: a pad frame stands there.
  for (let i = 0; i < 12; i++) record({ filler: "y".repeat(120 + i), i }, "on the way around");
  const line = Buffer.from('........{"level":30,"msg":"a finished line"}\n');
  line.writeDoubleLE(TIME);
  put(line, FRAME_TEXT);
  put(
    Buffer.from(encodeFar(Buffer.from("/var/log/app/.spillway/4711.k.0.1.far"), Buffer.from("its payload"))),
    FRAME_FAR,
  );
  put(dropped(config), FRAME_DROPPED);
  counters.drop(0, 2);
  counters.drop(0, 2);
  counters.drop(1, 4);
  record(undefined, "the last one");
  return memory;
}

function dropped(config: number): Buffer {
  const report = Buffer.alloc(244);
  report.writeDoubleLE(TIME, 0);
  report.writeDoubleLE(TIME + 500, 8);
  report.writeDoubleLE(2, (DROP_REPORT_COUNTS + 2) * 8);
  report.writeDoubleLE(1, (DROP_REPORT_COUNTS + LEVEL_CLASSES.length + 4) * 8);
  report.writeInt32LE(config, 240);
  return report;
}
