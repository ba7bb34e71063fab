export * from "./model/entry.ts";
