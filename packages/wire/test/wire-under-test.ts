/** A lane's wire, both ways: records are encoded into its memory, and written as lines from there. */
import { ENTRY_CONFIG, type LoggerConfigEntry } from "@spillway/core";
import { JsonBytes, JsonLines } from "@spillway/format";
import { dictionaryRegion, FRAMES_OFFSET, laneOffset, makeMemory } from "@spillway/ring";
import { DictionaryReader, DictionaryWriter, Encoder, type FieldRules, NO_TEXT, Shapes, Texts } from "../src/index.ts";

const CAPACITY = 1024 * 1024;
export const TIME = 1_700_000_000_123;
const PLENTY = 1024 * 1024;

export const CONFIG: LoggerConfigEntry = {
  levels: [{ value: 30, label: "info", open: '{"level":30' }],
  timeOpen: ',"time":',
  time: "epoch",
  messageKey: "msg",
  nestedOpen: "",
  end: "}\n",
  name: "",
};

/** No serializers, no redaction. */
export const NO_RULES: FieldRules = {
  onlyKey: undefined,
  keys: undefined,
  all: false,
  serialize: (_, value) => value,
  stringify: () => NO_TEXT,
};

export interface WireShape {
  readonly config?: Partial<LoggerConfigEntry>;
  /** Bytes of the dictionary region. */
  readonly dictionaryBytes?: number;
  /** Bytes of a claim; less than a record needs makes it move outside. */
  readonly claimBytes?: number;
  readonly rules?: FieldRules;
  readonly shapesQuota?: number;
  readonly textsQuota?: number;
}

export type Fields = Record<string, unknown>;

/** What one record carries besides its time. */
export interface Call {
  readonly fields?: Fields;
  readonly message?: string;
  /** A template's arguments; the message is the template then. */
  readonly args?: readonly unknown[];
  /** Text of the bindings, inline or, with `internBindings`, by number. */
  readonly bindings?: string;
  readonly internBindings?: boolean;
}

/** `JSON.stringify`, with a word in the place of what it refuses. */
export function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return '"refused"';
  }
}

/** The head of a record at byte `start`; its time is its writer's to store. */
export function beginRecord(
  encoder: Encoder,
  memory: SharedArrayBuffer,
  head: { start: number; end: number; time: number; config: number; bindings?: number; inline?: string | undefined },
): void {
  new Float64Array(memory, head.start, 1)[0] = head.time;
  encoder.begin(head.start, head.end, head.config, head.bindings ?? 0, head.inline);
}

export class WireUnderTest {
  readonly memory: SharedArrayBuffer;
  readonly bytes: Buffer;
  readonly region: ReturnType<typeof dictionaryRegion>;
  readonly encoder: Encoder;
  readonly texts: Texts;
  readonly dictionary: DictionaryWriter;
  readonly reader: DictionaryReader;
  readonly out = new JsonBytes(4096);
  readonly lines: JsonLines;
  /** Where payloads go; a multiple of 8. */
  readonly start: number = laneOffset(0, CAPACITY) + FRAMES_OFFSET + 16;
  readonly configId: number;
  /** Length of the payload written last, and whether it had to move. */
  length = 0;
  isOutside = false;
  readonly #shape: WireShape;

  constructor(shape: WireShape = {}) {
    this.#shape = shape;
    this.memory = makeMemory({ lanes: 1, capacity: CAPACITY, epoch: 1, pid: 1 });
    this.bytes = Buffer.from(this.memory);
    const region = dictionaryRegion(this.memory, 0);
    this.region = { ...region, bytes: shape.dictionaryBytes ?? region.bytes };
    this.dictionary = new DictionaryWriter(this.region);
    this.configId = this.dictionary.append(ENTRY_CONFIG, JSON.stringify({ ...CONFIG, ...shape.config }), {
      leftBytes: PLENTY,
    });
    this.texts = new Texts(this.dictionary, { leftBytes: shape.textsQuota ?? PLENTY });
    const shapes = new Shapes(this.dictionary, { leftBytes: shape.shapesQuota ?? PLENTY }, this.texts);
    this.encoder = new Encoder(this.memory, shapes, this.texts, stringify);
    this.reader = new DictionaryReader(this.region);
    this.lines = new JsonLines(this.bytes, this.reader, this.out);
  }

  begin(
    head: { end?: number; time?: number; config?: number; bindings?: number; inline?: string | undefined } = {},
  ): void {
    const end = this.start + CAPACITY / 2;
    beginRecord(this.encoder, this.memory, { start: this.start, end, time: TIME, config: this.configId, ...head });
  }

  /** Encodes a record to `start`, moved there if it outgrew its claim. */
  encode({ fields, message, args, bindings, internBindings }: Call): void {
    const { encoder } = this;
    const bindingsId = bindings !== undefined && internBindings === true ? this.texts.intern(bindings) : 0;
    const end = this.start + (this.#shape.claimBytes ?? CAPACITY / 2);
    this.begin({ end, bindings: bindingsId, inline: bindingsId === 0 ? bindings : undefined });
    if (fields !== undefined) encoder.fields(fields, this.#shape.rules ?? NO_RULES, false);
    const known = args === undefined || message === undefined ? undefined : encoder.template(message);
    if (message === undefined) encoder.noMessage();
    else if (known === undefined || !encoder.formatted(known, args!)) encoder.text(message);
    this.length = encoder.target.length;
    this.isOutside = encoder.target.isOutside;
    if (this.isOutside) encoder.target.copyTo(this.start);
    encoder.target.close();
  }

  /** The line of the record at `start`. */
  write(): string {
    this.out.at = 0;
    this.reader.refresh();
    this.lines.write(this.start, 0, this.encoder.target.length);
    return this.out.bytes.utf8Slice(0, this.out.at);
  }

  line(call: Call): string {
    this.encode(call);
    return this.write();
  }
}
