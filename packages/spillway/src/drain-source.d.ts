/** Filled in by the build: the text of dist/drain.cjs. */
declare module "spillway:drain-source" {
  const source: string;
  export default source;
}
