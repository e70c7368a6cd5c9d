export * from "./wal.ts";
