import { type NamedSinkSpec, type Sink, SinkOpenError } from "@spillway/core";
import { FileSink } from "./file/file-sink.ts";
import { loadSink } from "./module/load-sink.ts";
import { NullSink } from "./null/null-sink.ts";
import { StreamSink } from "./stream/stream-sink.ts";

/** The sink a spec describes. Throws SinkOpenError for what will not get better by itself. */
export function openSink({ name, spec }: NamedSinkSpec): Sink {
  try {
    switch (spec.type) {
      case "file":
        return new FileSink(spec);
      case "stdout":
      case "stderr":
        return new StreamSink(spec);
      case "null":
        return new NullSink();
      case "module":
        return loadSink(spec, spec.module);
    }
  } catch (error) {
    throw new SinkOpenError(name, `type ${spec.type}`, error);
  }
}
