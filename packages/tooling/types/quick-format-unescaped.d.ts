declare module "quick-format-unescaped" {
  interface Options {
    readonly stringify?: (value: unknown) => string | undefined;
  }
  /** What is no text comes back as it is. */
  export default function format(template: string, args: readonly unknown[], options?: Options): string;
  export default function format(template: unknown, args: readonly unknown[], options?: Options): unknown;
}
