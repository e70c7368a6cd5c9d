/** What `spillway recover` was asked for, beside the path. */
export interface RecoverFlags {
  readonly output?: string;
  readonly cleanup: boolean;
  readonly list: boolean;
  readonly mode: "tolerate-tail" | "point-in-time" | "skip-corrupt" | "absolute";
  readonly json: boolean;
  readonly quiet: boolean;
}
