import type { NamedSinkSpec, RingDamage, RingFile, RingGroup } from "@spillway/core";
import type { DeadWal, WalMode } from "@spillway/spill";
import type { LineTime } from "./time-order.ts";

/** Where the drain worker's code is. The host knows it only as this: nothing of it is loaded on the app's thread. */
export interface DrainCode {
  /** Path of the CommonJS build. */
  readonly file: string;
  /** The same as text, for applications that were bundled into one file and have left ours behind. */
  readonly source: () => string;
}

/** What the CommonJS build exports, as far as the calling thread uses it. */
export interface CallerDrainLike {
  takeRole(): boolean;
  giveRole(): void;
  readonly isHolderGone: boolean;
  drain(deadline: number): boolean;
  drainEach(deadline: number, latest: number, withModules: boolean): boolean;
}

/** Makes the lines of a lane's records on the thread that has the lane; see drain/line-reader.ts. */
export interface LineReaderLike {
  /** The line of a record, with its end; valid until the next call. `outside`: the payload is not in the lane's memory. */
  lineOf(levelIndex: number, offset: number, length: number, outside?: Buffer): Uint8Array;
}

/** What the CommonJS build of the drain offers for recovery by hand; see drain/extract.ts and drain/replay.ts. */
export interface RecoveryExports {
  extract(group: RingGroup): {
    readonly lines: Generator<{
      readonly text: Buffer;
      readonly records: number;
      readonly unreadable: number;
      readonly share: number;
      readonly lane: number;
      readonly times: readonly LineTime[];
    }>;
    readonly damaged: readonly RingFile[];
    readonly damage: readonly RingDamage[];
    readonly refused: readonly { readonly path: string; readonly reason: string }[];
    readonly sinks: readonly string[];
  };
  replayByHand(
    group: RingGroup,
    redirect: (sink: NamedSinkSpec) => NamedSinkSpec | undefined,
    trouble: (message: string) => void,
    progress?: (records: number, share: number) => void,
    mode?: WalMode,
  ): {
    readonly recovered: number;
    readonly unreadable: number;
    readonly isComplete: boolean;
    readonly damaged: readonly string[];
    readonly damage: readonly RingDamage[];
    readonly refused: readonly { readonly path: string; readonly reason: string }[];
  };
  recoverWalsByHand(
    wals: readonly DeadWal[],
    redirect: (sink: NamedSinkSpec) => NamedSinkSpec | undefined,
    trouble: (message: string) => void,
    mode: WalMode,
  ): readonly {
    readonly pid: number;
    readonly log: string;
    readonly into: readonly string[];
    readonly recovered: number;
    readonly isComplete: boolean;
    readonly damage: readonly RingDamage[];
    readonly aside: readonly string[];
    readonly refused: readonly { readonly path: string; readonly reason: string }[];
  }[];
  /** Of a dead process's logs, the lines that its ring files do not have. */
  linesBesideRing(
    group: RingGroup,
    mode: WalMode,
  ): { readonly lines: readonly Buffer[]; readonly wals: readonly DeadWal[] };
}
