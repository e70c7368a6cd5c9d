/** Records put together by hand, word by word, and a dictionary made of a list: what the reader of records works on. */
import { type DictionaryView, type LoggerConfigEntry, RECORD_HEAD_BYTES } from "@spillway/core";
import { JsonBytes, JsonLines } from "../src/index.ts";

export const CONFIG: LoggerConfigEntry = {
  levels: [
    { value: 30, label: "info", open: '{"level":30' },
    { value: 50, label: "error", open: '{"level":"error"' },
  ],
  timeOpen: ',"time":',
  time: "epoch",
  messageKey: "msg",
  nestedOpen: "",
  end: "}\n",
  name: "",
};

class MadeDictionary implements DictionaryView {
  epoch = 1;
  texts: string[] = [];
  shapes: (readonly string[])[] = [[]];
  configs: LoggerConfigEntry[] = [CONFIG];
  asked = 0;

  text(id: number): string {
    this.asked++;
    return this.texts[id]!;
  }

  textBytes(id: number): Uint8Array {
    return Buffer.from(this.text(id));
  }

  keys(shape: number): readonly string[] {
    return this.shapes[shape]!;
  }

  config(id: number): LoggerConfigEntry {
    return this.configs[id]!;
  }
}

export interface Head {
  readonly time?: number;
  readonly config?: number;
  readonly bindings?: number;
  readonly shape?: number;
}

export class MadeRecord {
  readonly bytes: Buffer = Buffer.from(new SharedArrayBuffer(4096));
  readonly dictionary = new MadeDictionary();
  readonly out = new JsonBytes(16);
  readonly lines = new JsonLines(this.bytes, this.dictionary, this.out);
  #at = 0;

  head({ time = 7, config = 0, bindings = 0, shape = 0 }: Head = {}): this {
    this.bytes.writeDoubleLE(time, 0);
    this.bytes.writeInt32LE(config, 8);
    this.bytes.writeInt32LE(bindings, 12);
    this.bytes.writeInt32LE(shape, 16);
    this.#at = RECORD_HEAD_BYTES;
    return this;
  }

  word(tag: number, above = 0): this {
    this.bytes.writeInt32LE(tag | (above << 8), this.#at);
    this.#at += 4;
    return this;
  }

  number(value: number): this {
    this.bytes.writeInt32LE(value, this.#at);
    this.#at += 4;
    return this;
  }

  float(value: number): this {
    this.bytes.writeDoubleLE(value, this.#at);
    this.#at += 8;
    return this;
  }

  /** Bytes of a text, padded. */
  text(value: string): this {
    this.#at += (this.bytes.write(value, this.#at) + 3) & ~3;
    return this;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  line(level = 0, length = this.#at): string {
    this.out.at = 0;
    this.lines.write(0, level, length);
    return this.out.bytes.utf8Slice(0, this.out.at);
  }
}
