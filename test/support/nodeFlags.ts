import { WRITER_COMMAND } from "../../src/backends/lmdb/writerCommand.ts";

/** What Node needs for a program that imports our source. */
export const SOURCE_FLAGS: readonly string[] = ["--conditions=tidemark-source", "--import", "tsx"];

/** Whether what is compiled is up to date, as `npm test` makes it. */
export const IS_BUILT: boolean = WRITER_COMMAND.some((part) => part.endsWith(".js"));

/**
 * What Node needs for a program that imports the package by its name alone: where what is compiled is
 * up to date, it runs on that, and starts in half the time.
 */
export const PACKAGE_FLAGS: readonly string[] = IS_BUILT ? ["--import", "tsx"] : SOURCE_FLAGS;
