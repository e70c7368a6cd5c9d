/** What `spillway recover` was asked for, beside the path. */
export interface RecoverFlags {
  readonly output?: string;
  readonly cleanup: boolean;
  readonly list: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}
