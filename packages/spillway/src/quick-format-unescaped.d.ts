declare module "quick-format-unescaped" {
  export default function format(
    template: unknown,
    args: readonly unknown[],
    options?: { readonly stringify?: (value: unknown) => string | undefined },
  ): unknown;
}
