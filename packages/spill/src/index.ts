export * from "./claim.ts";
export * from "./dead-rings.ts";
export * from "./native.ts";
export * from "./overflow.ts";
export * from "./owner-page.ts";
export * from "./process-identity.ts";
export * from "./ring-file.ts";
export * from "./wal.ts";
