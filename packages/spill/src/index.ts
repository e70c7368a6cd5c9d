export * from "./overflow.ts";
